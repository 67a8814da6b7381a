/* Themes: reads the text of one and resolves which role inherits from which. Where theme files are found is in
 * theme_files.c; how colours fit a terminal is in theme_color.c. UI thread. */
#include "tui/theme.h"
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { ATTRS_INHERIT = 1 << 16, LINE_MAX_BYTES = 512, WORDS_MAX = 12 };

struct role_row {
    const char *name;
    enum theme_role parent;
};
static const struct role_row roles[ROLE_COUNT] = {
#define X(role, up, help) [ROLE_##role] = {.name = #role, .parent = ROLE_##up},
    THEME_ROLES(X)
#undef X
};

struct named {
    const char *name;
    int32_t value;
};
static const struct named color_names[] = {
    {.name = "default", .value = COLOR_DEFAULT},
    {.name = "inherit", .value = COLOR_INHERIT},
    {.name = "-", .value = COLOR_INHERIT},
    {.name = "black", .value = 0},
    {.name = "red", .value = 1},
    {.name = "green", .value = 2},
    {.name = "yellow", .value = 3},
    {.name = "blue", .value = 4},
    {.name = "magenta", .value = 5},
    {.name = "cyan", .value = 6},
    {.name = "white", .value = 7},
    {.name = "grey", .value = 8},
    {.name = "bright-black", .value = 8},
    {.name = "bright-red", .value = 9},
    {.name = "bright-green", .value = 10},
    {.name = "bright-yellow", .value = 11},
    {.name = "bright-blue", .value = 12},
    {.name = "bright-magenta", .value = 13},
    {.name = "bright-cyan", .value = 14},
    {.name = "bright-white", .value = 15},
    {.name = NULL},
};
static const struct named attr_names[] = {
    {.name = "plain", .value = 0},
    {.name = "bold", .value = ATTR_BOLD},
    {.name = "dim", .value = ATTR_DIM},
    {.name = "underline", .value = ATTR_UNDERLINE},
    {.name = "reverse", .value = ATTR_REVERSE},
    {.name = "italic", .value = ATTR_ITALIC},
    {.name = NULL},
};

static bool find_named(const struct named *rows, const char *word, int32_t *value)
{
    for (; rows->name; rows++) {
        if (!strcmp(rows->name, word)) {
            *value = rows->value;
            return true;
        }
    }
    return false;
}

static bool parse_color(const char *word, int32_t *color)
{
    if (find_named(color_names, word, color))
        return true;
    if (word[0] == '#') {
        if (strlen(word) != 7 || strspn(word + 1, "0123456789abcdefABCDEF") != 6)
            return false;
        *color = 0x1000000 | (int32_t)strtol(word + 1, NULL, 16);
        return true;
    }
    size_t len = strlen(word);
    if (!len || len > 3 || strspn(word, "0123456789") != len || atoi(word) > 255)
        return false;
    *color = atoi(word);
    return true;
}

static int role_find(const char *word)
{
    for (int role = 0; role < ROLE_COUNT; role++)
        if (!strcmp(roles[role].name, word))
            return role;
    return -1;
}

static int split_words(char *line, char *words[WORDS_MAX])
{
    int n = 0;
    for (char *word = strtok_r(line, " \t\r", &line); word && n < WORDS_MAX; word = strtok_r(NULL, " \t\r", &line))
        words[n++] = word;
    return n;
}

struct reading {
    const char *where;
    int line;
    struct style styles[ROLE_COUNT];
    int set_at[ROLE_COUNT]; /* line, 0 not yet */
};

static bool read_style(const struct reading *reading, char *const *words, int n, struct style *style, struct err *err)
{
    int32_t *colors[] = {&style->fg, &style->bg};
    for (int i = 0; i < n; i++) {
        int32_t value;
        if (i < 2 && parse_color(words[i], &value)) {
            *colors[i] = value;
        } else if (i > 0 && find_named(attr_names, words[i], &value)) {
            style->attrs = (style->attrs & ATTRS_INHERIT ? 0 : style->attrs) | (unsigned)value;
        } else {
            return err_set(err, ERR_CONFIG, "%s:%d: \"%.40s\" is no %s; %s", reading->where, reading->line, words[i],
                           i < 2 ? "colour" : "attribute",
                           i < 2 ? "write default, inherit, a colour's name, 0-255 or #rrggbb"
                                 : "write plain, bold, dim, underline, reverse or italic");
        }
    }
    return true;
}

static bool read_line(struct reading *reading, char *line, struct err *err)
{
    char *words[WORDS_MAX];
    int n = split_words(line, words);
    if (!n || words[0][0] == '#')
        return true;
    if (n < 3 || strcmp(words[1], "="))
        return err_set(err, ERR_CONFIG, "%s:%d: expected: role = FG [BG [ATTRIBUTES]]", reading->where, reading->line);
    int role = role_find(words[0]);
    if (role < 0)
        return err_set(err, ERR_CONFIG, "%s:%d: there is no role \"%.40s\"; see themes/default.theme for all roles",
                       reading->where, reading->line, words[0]);
    if (reading->set_at[role])
        return err_set(err, ERR_CONFIG, "%s:%d: role %s was already set in line %d; remove one", reading->where,
                       reading->line, words[0], reading->set_at[role]);
    reading->set_at[role] = reading->line;
    return read_style(reading, words + 2, n - 2, &reading->styles[role], err);
}

/* Parents come before children in THEME_ROLES, or are resolved on the way (depth is that of the table). */
static struct style resolve(const struct style *given, enum theme_role role)
{
    struct style style = given[role];
    enum theme_role parent = roles[role].parent;
    struct style up = {.fg = COLOR_DEFAULT, .bg = COLOR_DEFAULT, .attrs = 0};
    if (parent != role)
        up = resolve(given, parent);
    if (style.fg == COLOR_INHERIT)
        style.fg = up.fg;
    if (style.bg == COLOR_INHERIT)
        style.bg = up.bg;
    if (style.attrs & ATTRS_INHERIT)
        style.attrs = up.attrs;
    return style;
}

bool theme_parse(struct theme *theme, const char *where, const char *text, struct err *err)
{
    struct reading reading = {.where = where};
    for (int role = 0; role < ROLE_COUNT; role++)
        reading.styles[role] = (struct style){.fg = COLOR_INHERIT, .bg = COLOR_INHERIT, .attrs = ATTRS_INHERIT};
    while (*text) {
        size_t len = strcspn(text, "\n");
        char line[LINE_MAX_BYTES];
        reading.line++;
        if (len >= sizeof line)
            return err_set(err, ERR_CONFIG, "%s:%d: the line is longer than %d bytes", where, reading.line,
                           LINE_MAX_BYTES - 1);
        memcpy(line, text, len);
        line[len] = '\0';
        if (!read_line(&reading, line, err))
            return false;
        text += len + (text[len] == '\n');
    }
    for (int role = 0; role < ROLE_COUNT; role++)
        theme->styles[role] = resolve(reading.styles, (enum theme_role)role);
    return true;
}

const char *theme_role_name(enum theme_role role)
{
    return roles[role].name;
}
