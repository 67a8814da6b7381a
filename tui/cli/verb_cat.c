/* weir cat: an object's bytes on standard output. */
#include "backend/aws/s3.h"
#include "backend/base/gzip.h"
#include "backend/base/text.h"
#include "backend/base/uri.h"
#include "tui/cli/cli.h"
#include <stdlib.h>
#include <string.h>

enum { CAT_RETRIES = 5, CAT_PIECE_MAX = 64 * 1024 * 1024 };

struct cat_options {
    char range[64], version[128];
    bool gunzip, raw;
};
static const struct opt cat_opts[] = {
    {.name = "range",
     .value = "FIRST-LAST",
     .kind = OPT_TEXT,
     .offset = offsetof(struct cat_options, range),
     .size = 64,
     .help = "only these bytes, counted from 0; LAST may be left out, \"-N\" is the last N"},
    {.name = "version",
     .value = "ID",
     .kind = OPT_TEXT,
     .offset = offsetof(struct cat_options, version),
     .size = 128,
     .help = "this version"},
    {.name = "gunzip",
     .letter = 'z',
     .kind = OPT_BOOL,
     .offset = offsetof(struct cat_options, gunzip),
     .help = "decompress gzip"},
    {.name = "raw",
     .kind = OPT_BOOL,
     .offset = offsetof(struct cat_options, raw),
     .help = "send the bytes to a terminal as they are, control characters too"},
    {.name = NULL},
};

struct cat_run {
    struct cli *cli;
    struct gzip *gzip;
    bool clean; /* stdout is a terminal: remote text passes the sanitiser */
    struct buf piece, line;
    int64_t received;
    bool is_reader_gone; /* head has seen enough: no failure */
    struct err err;      /* of the sink */
};

static bool put(struct cat_run *run, const char *bytes, size_t len)
{
    bool ok = cli_write(run->cli, bytes, len, &run->err);
    run->is_reader_gone = !ok && run->err.code == ERR_OK;
    return ok;
}

/* Sanitised line by line, so that a character cut between two pieces is not taken for a bad byte. */
static bool write_clean(struct cat_run *run, const char *bytes, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        if (bytes[i] != '\n' && run->line.len < 4096) {
            buf_putc(&run->line, bytes[i]);
            continue;
        }
        struct buf clean = BUF_INIT(CAT_PIECE_MAX);
        text_clean(buf_text(&run->line), run->line.len, &clean);
        if (bytes[i] == '\n')
            buf_putc(&clean, '\n');
        bool ok = put(run, buf_text(&clean), clean.len);
        buf_done(&clean);
        buf_clear(&run->line);
        if (bytes[i] != '\n')
            buf_putc(&run->line, bytes[i]);
        if (!ok)
            return false;
    }
    return true;
}

static bool write_piece(struct cat_run *run, const char *bytes, size_t len)
{
    return run->clean ? write_clean(run, bytes, len) : put(run, bytes, len);
}

static bool cat_sink(void *context, const void *bytes, size_t len)
{
    struct cat_run *run = context;
    run->received += (int64_t)len;
    if (!run->gzip)
        return write_piece(run, bytes, len);
    buf_clear(&run->piece);
    return gzip_feed(run->gzip, bytes, len, false, &run->piece, &run->err) &&
           write_piece(run, buf_text(&run->piece), run->piece.len);
}

static bool parse_range(const char *text, struct s3_get *get, struct aws *aws, struct err *err)
{
    long long first = 0, last = -1;
    char end = '\0';
    if (!*text)
        return true;
    if (*text == '-') { /* the last N: needs the size */
        if (sscanf(text, "-%lld%c", &last, &end) != 1 || last <= 0)
            return err_set(err, ERR_USAGE, "--range %s: write FIRST-LAST, FIRST- or -N", text);
        struct arena *arena = arena_new(1024 * 1024);
        struct s3_head head;
        bool ok = s3_head_object(aws, &get->ref, arena, &head, err);
        first = ok && head.bytes > last ? head.bytes - last : 0;
        arena_free(arena);
        get->has_range = true;
        get->first = first;
        get->last = -1;
        return ok;
    }
    int got = sscanf(text, "%lld-%lld%c", &first, &last, &end);
    const char *dash = strchr(text, '-');
    if (!dash || got < 1 || got > 2 || (got == 1 && dash[1]) || (got == 2 && last < first))
        return err_set(err, ERR_USAGE, "--range %s: write FIRST-LAST, FIRST- or -N", text);
    get->has_range = true;
    get->first = first;
    get->last = got == 2 ? last : -1;
    return true;
}

/* A connection that breaks is taken up again where it broke, as long as the object is the same. */
static bool fetch(struct cat_run *run, struct aws *aws, struct s3_get *get, struct err *err)
{
    struct arena *arena = arena_new(1024 * 1024);
    struct s3_head head = {0};
    bool ok = s3_head_object(aws, &get->ref, arena, &head, err);
    if (ok) {
        int64_t start = get->has_range ? get->first : 0;
        get->if_match = head.etag;
        for (int attempt = 0;; attempt++) {
            struct s3_head ignored;
            ok = s3_get_object(aws, get, arena, &ignored, NULL, err);
            if (ok || !err->retryable || run->err.code != ERR_OK || attempt == CAT_RETRIES || run->received == 0)
                break;
            get->has_range = true;
            get->first = start + run->received;
        }
    }
    arena_free(arena);
    return ok;
}

static int cat_run(struct cli *cli, const void *data, int argc, char **argv)
{
    (void)argc;
    const struct cat_options *options = data;
    struct err err = ERR_NONE;
    struct s3_name name;
    if (!s3_name_parse(argv[0], &name, &err))
        return cli_fail(cli, &err);
    if (!*name.key) {
        err_set(&err, ERR_USAGE, "%s names a bucket, not an object; weir ls %s lists it", argv[0], argv[0]);
        return cli_fail(cli, &err);
    }
    struct aws *aws = cli_aws(cli, &err);
    struct cat_run run = {.cli = cli,
                          .gzip = options->gunzip ? gzip_decompressor() : NULL,
                          .clean = cli->out_is_tty && !options->raw,
                          .piece = BUF_INIT(CAT_PIECE_MAX),
                          .line = BUF_INIT(8192)};
    struct s3_get get = s3_get_init(name.bucket, name.key);
    get.ref.version_id = *options->version ? options->version : NULL;
    get.ref.cancel = &cli->cancel;
    get.sink = cat_sink;
    get.sink_context = &run;
    bool ok = aws && parse_range(options->range, &get, aws, &err) && fetch(&run, aws, &get, &err);
    if (ok && run.clean && run.line.len > 0)
        ok = write_clean(&run, "\n", 1);
    if (run.err.code != ERR_OK)
        err = run.err;
    gzip_free(run.gzip);
    buf_done(&run.piece);
    buf_done(&run.line);
    return ok || run.is_reader_gone ? 0 : cli_fail(cli, &err);
}

const struct verb verb_cat = {
    .name = "cat",
    .arguments = "s3://BUCKET/KEY",
    .summary = "print an object's bytes",
    .help = "Writes the object to standard output. A transfer that breaks goes on where it broke, if the object is "
            "still the same.\n"
            "On a terminal, bytes that could drive it are made visible; --raw sends them as they are.",
    .options = cat_opts,
    .options_size = sizeof(struct cat_options),
    .min_args = 1,
    .max_args = 1,
    .run = cat_run,
};
