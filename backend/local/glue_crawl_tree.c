/* A crawl's first step: the target's objects as a tree of folders, without what the target excludes. Patterns are
 * globs relative to the include path: * and ? stay within a folder, ** does not, [..] and {a,b} as usual ("Include and
 * exclude patterns", AWS Glue Developer Guide). */
#include "backend/local/glue_crawl.h"
#include "backend/local/s3_inside.h"
#include <regex.h>
#include <stdlib.h>
#include <string.h>

enum { EXCLUSIONS_MAX = 100 };

struct walk {
    struct crawl *crawl;
    struct crawl_folder *root;
    size_t prefix_len;
    regex_t excluded[EXCLUSIONS_MAX];
    size_t excluded_count;
    bool failed;
};

static bool compile_glob(const char *glob, regex_t *regex)
{
    struct buf text = BUF_INIT(16 * 1024);
    int braces = 0;
    bool in_class = false;
    buf_putc(&text, '^');
    for (const char *at = glob; *at; at++) {
        if (in_class) {
            in_class = *at != ']';
            buf_putc(&text, *at == '!' && at[-1] == '[' ? '^' : *at);
        } else if (at[0] == '*' && at[1] == '*') {
            buf_puts(&text, ".*");
            at++;
        } else if (*at == '*' || *at == '?') {
            buf_puts(&text, *at == '*' ? "[^/]*" : "[^/]");
        } else if (*at == '[') {
            in_class = true;
            buf_putc(&text, '[');
        } else if (*at == '{') {
            braces++;
            buf_putc(&text, '(');
        } else if (*at == '}' && braces) {
            braces--;
            buf_putc(&text, ')');
        } else if (*at == ',' && braces) {
            buf_putc(&text, '|');
        } else {
            if (*at == '\\' && at[1])
                at++;
            if (strchr(".^$+()|\\{}[]*?", *at))
                buf_putc(&text, '\\');
            buf_putc(&text, *at);
        }
    }
    buf_putc(&text, '$');
    bool ok = !text.failed && regcomp(regex, buf_text(&text), REG_EXTENDED | REG_NOSUB) == 0;
    buf_done(&text);
    return ok;
}

static bool read_exclusions(struct walk *walk, const json_t *target, struct err *err)
{
    size_t i;
    json_t *pattern;
    json_array_foreach(json_object_get(target, "Exclusions"), i, pattern)
    {
        const char *glob = json_string_value(pattern);
        if (i >= EXCLUSIONS_MAX || !glob || !compile_glob(glob, &walk->excluded[walk->excluded_count]))
            return err_set(err, ERR_USAGE, "the exclusion pattern %.100s cannot be read", glob ? glob : "");
        walk->excluded_count++;
    }
    return true;
}

static bool is_excluded(const struct walk *walk, const char *rest)
{
    for (size_t i = 0; i < walk->excluded_count; i++)
        if (regexec(&walk->excluded[i], rest, 0, NULL, 0) == 0)
            return true;
    return false;
}

/* Markers and what engines hide: names that begin with _ or . */
static bool is_hidden(const char *rest)
{
    for (const char *at = rest; at; at = strchr(at, '/') ? strchr(at, '/') + 1 : NULL)
        if ((*at == '_' || *at == '.') && !strchr(at, '='))
            return true;
    size_t len = strlen(rest);
    return len == 0 || rest[len - 1] == '/' || strstr(rest, "_$folder$");
}

static struct crawl_folder *child_of(struct walk *walk, struct crawl_folder *folder, const char *name, size_t len,
                                     const char *key)
{
    /* keys come in order, so a folder's keys come together */
    if (folder->last && strlen(folder->last->name) == len && strncmp(folder->last->name, name, len) == 0)
        return folder->last;
    struct crawl_folder *child = ARENA_NEW(walk->crawl->arena, struct crawl_folder);
    if (!child)
        return NULL;
    child->name = arena_strndup(walk->crawl->arena, name, len);
    child->path = arena_strndup(walk->crawl->arena, key, (size_t)(name - key) + len + 1);
    if (folder->last)
        folder->last->next = child;
    else
        folder->children = child;
    folder->last = child;
    return child;
}

static bool add_object(void *context, const struct s3_inside_object *object)
{
    struct walk *walk = context;
    if (atomic_load(walk->crawl->stop))
        return false;
    const char *rest = object->key + walk->prefix_len;
    if (object->bytes == 0 || is_hidden(rest) || is_excluded(walk, rest))
        return true;
    struct arena *arena = walk->crawl->arena;
    char *key = arena_strdup(arena, object->key);
    struct crawl_folder *folder = walk->root;
    const char *slash;
    for (const char *at = key ? key + walk->prefix_len : ""; folder && (slash = strchr(at, '/')); at = slash + 1)
        folder = child_of(walk, folder, at, (size_t)(slash - at), key);
    if (!key || !folder) {
        walk->failed = true;
        return false;
    }
    if (folder->kept < CRAWL_FILES_KEPT) {
        if (folder->kept == folder->cap)
            folder->files = arena_grow(arena, folder->files, folder->kept, &folder->cap, sizeof *folder->files);
        folder->files[folder->kept++] = (struct crawl_file){.key = key, .size = object->bytes};
    }
    folder->count++;
    folder->bytes += object->bytes;
    walk->crawl->seen++;
    return true;
}

struct crawl_folder *glue_crawl_tree(struct crawl *crawl, const json_t *target, const char *bucket, const char *prefix,
                                     struct err *err)
{
    struct walk walk = {.crawl = crawl, .root = ARENA_NEW(crawl->arena, struct crawl_folder)};
    size_t len = strlen(prefix);
    const char *slash = len && prefix[len - 1] != '/' ? "/" : "";
    walk.root->path = arena_printf(crawl->arena, "%s%s", prefix, slash);
    walk.prefix_len = strlen(walk.root->path);
    /* named after its last part; the whole bucket after the bucket */
    const char *end = walk.root->path + walk.prefix_len, *name = walk.prefix_len ? end - 1 : end;
    while (name > walk.root->path && name[-1] != '/')
        name--;
    walk.root->name = walk.prefix_len ? arena_strndup(crawl->arena, name, (size_t)(end - 1 - name))
                                      : arena_strdup(crawl->arena, bucket);
    bool ok = read_exclusions(&walk, target, err) &&
              s3_inside_list(crawl->cloud, bucket, walk.root->path, "", add_object, &walk, err);
    for (size_t i = 0; i < walk.excluded_count; i++)
        regfree(&walk.excluded[i]);
    if (ok && walk.failed)
        ok = err_set(err, ERR_TOO_LARGE, "there are too many objects below s3://%s/%.100s", bucket, prefix);
    if (ok && atomic_load(crawl->stop))
        ok = err_set(err, ERR_CANCELLED, "the crawl was stopped");
    return ok ? walk.root : NULL;
}
