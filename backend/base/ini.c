/* INI files by libinih, which is built with lines of at most 199 bytes and sections of at most 49 and cuts longer ones
 * silently. Session tokens are longer, so a long value or section goes through the library as a short stand-in and is
 * put back in the callback. Any thread. */
#include "backend/base/ini.h"
#include "backend/base/buf.h"
#include "backend/base/path.h"
#include <ctype.h>
#include <ini.h>
#include <stdio.h>
#include <string.h>

enum { FILE_MAX = 1 << 20, LINE_FITS = 198, SECTION_FITS = 49, NAME_FITS = 49 };
static const char stand_in[] = "\x01";

struct reader {
    char *at; /* rest of the file, NUL-ended; lines are ended in place */
    const char *path;
    int line;
    const char *value;   /* what the stand-in of the present line means */
    const char *section; /* what a section's stand-in means */
    ini_row *row;
    void *context;
    struct err *err;
    bool failed;
};

static char *trim(char *text)
{
    text += strspn(text, " \t");
    size_t len = strlen(text);
    while (len && isspace((unsigned char)text[len - 1]))
        text[--len] = '\0';
    return text;
}

/* A comment within a line starts with " ;", as the library sees it. */
static char *cut_comment(char *text)
{
    for (char *at = text; *at; at++)
        if (*at == ';' && at > text && isspace((unsigned char)at[-1]))
            *at = '\0';
    return trim(text);
}

static bool is_comment(const char *line)
{
    line += strspn(line, " \t");
    return *line == ';' || *line == '#' || *line == '\0';
}

/* Writes the line, or its short form, as the library's fgets wants it. */
static void hand_over(struct reader *reader, char *line, char *out, size_t size)
{
    size_t len = strlen(line), name_len = strcspn(line, "=:");
    char *close = line[0] == '[' ? strchr(line, ']') : NULL;
    if (is_comment(line)) {
        snprintf(out, size, "\n");
    } else if (close && close - line > SECTION_FITS) {
        *close = '\0';
        reader->section = line + 1;
        snprintf(out, size, "[%s]\n", stand_in);
    } else if (len <= LINE_FITS) {
        memcpy(out, line, len);
        memcpy(out + len, "\n", 2);
    } else if (isspace((unsigned char)line[0])) { /* continues the key above */
        reader->value = cut_comment(line);
        snprintf(out, size, " %s\n", stand_in);
    } else if (line[name_len] && name_len <= NAME_FITS) {
        reader->value = cut_comment(line + name_len + 1);
        snprintf(out, size, "%.*s=%s\n", (int)name_len, line, stand_in);
    } else {
        snprintf(out, size, "no key\n"); /* refused by the library, which reports the line */
    }
}

static char *next_line(char *out, int size, void *stream)
{
    struct reader *reader = stream;
    if (reader->failed || !*reader->at)
        return NULL;
    char *line = reader->at;
    size_t len = strcspn(line, "\n");
    reader->at += len + (line[len] == '\n');
    line[len] = '\0';
    if (len && line[len - 1] == '\r')
        line[len - 1] = '\0';
    reader->line++;
    hand_over(reader, line, out, (size_t)size);
    return out;
}

static int on_key(void *user, const char *section, const char *key, const char *value)
{
    struct reader *reader = user;
    if (reader->failed)
        return 1;
    if (strcmp(section, stand_in) == 0)
        section = reader->section;
    if (strcmp(value, stand_in) == 0)
        value = reader->value;
    if (!reader->row(reader->context, section, key, value, reader->line, reader->err)) {
        reader->failed = true;
        err_prefix(reader->err, "%s:%d", reader->path, reader->line);
    }
    return 1;
}

static bool read_text(struct buf *text, const char *path, ini_row *row, void *context, struct err *err)
{
    for (size_t i = 0; i < text->len; i++)
        if (text->data[i] == '\0' || text->data[i] == '\x01')
            return err_set(err, ERR_CONFIG, "%s: it has control characters: no INI file", path);
    if (!text->len)
        return true;
    struct reader reader = {.at = text->data, .path = path, .row = row, .context = context, .err = err};
    int bad_line = ini_parse_stream(next_line, &reader, on_key, &reader);
    if (reader.failed)
        return false;
    if (bad_line > 0)
        return err_set(err, ERR_CONFIG, "%s:%d: neither [section] nor key = value", path, bad_line);
    if (bad_line < 0)
        return err_set(err, ERR_IO, "%s: out of memory", path);
    return true;
}

bool ini_read(const char *path, ini_row *row, void *context, struct err *err)
{
    struct buf text = BUF_INIT(FILE_MAX);
    bool done = path_read(path, &text, err) && read_text(&text, path, row, context, err);
    buf_done(&text);
    return done;
}
