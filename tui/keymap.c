/* Keymaps: reads their text, finds clashes, and looks keys up, forwards (which action) and backwards (which chord).
 * A few hundred bindings, so plain scans. UI thread. */
#include "tui/keymap.h"
#include "tui/tui_files.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { BINDINGS_MAX = 1024, LINE_MAX_BYTES = 512, WORDS_MAX = 32, KEYMAP_BYTES_MAX = 64 * 1024 };

struct binding {
    enum keymap_context context;
    struct key keys[KEYMAP_SEQUENCE];
    int count;
    enum action action; /* ACTION_none: unbound, hides the parent's */
    int layer, line;    /* which merge it came from, and where in it */
};
struct keymap {
    struct binding bindings[BINDINGS_MAX];
    int count, layers;
};
struct context_row {
    const char *name;
    enum keymap_context parent;
};
static const struct context_row contexts[CONTEXT_COUNT] = {
#define X(context, up) [CONTEXT_##context] = {.name = #context, .parent = CONTEXT_##up},
    KEYMAP_CONTEXTS(X)
#undef X
};

struct keymap *keymap_new(void)
{
    struct keymap *keymap = calloc(1, sizeof *keymap);
    if (!keymap)
        abort();
    return keymap;
}

void keymap_free(struct keymap *keymap)
{
    free(keymap);
}

const char *keymap_context_name(enum keymap_context context)
{
    return contexts[context].name;
}

static int context_find(const char *name)
{
    for (int i = 0; i < CONTEXT_COUNT; i++)
        if (!strcmp(contexts[i].name, name))
            return i;
    return -1;
}

/* Are the first n keys of the binding these? */
static bool begins_with(const struct binding *binding, const struct key *keys, int n)
{
    if (binding->count < n)
        return false;
    for (int i = 0; i < n; i++)
        if (!key_equal(binding->keys[i], keys[i]))
            return false;
    return true;
}

static struct binding *find_exact(struct keymap *keymap, enum keymap_context context, const struct key *keys, int n)
{
    for (int i = 0; i < keymap->count; i++) {
        struct binding *binding = &keymap->bindings[i];
        if (binding->context == context && binding->count == n && begins_with(binding, keys, n))
            return binding;
    }
    return NULL;
}

struct reading {
    struct keymap *keymap;
    const char *where;
    int line;
};

static bool parse_chords(const struct reading *reading, char *const *words, int n, struct binding *binding,
                         struct err *err)
{
    if (n > KEYMAP_SEQUENCE)
        return err_set(err, ERR_CONFIG, "%s:%d: a sequence has at most %d chords", reading->where, reading->line,
                       KEYMAP_SEQUENCE);
    for (int i = 0; i < n; i++)
        if (!key_parse(words[i], strlen(words[i]), &binding->keys[i]))
            return err_set(err, ERR_CONFIG, "%s:%d: \"%.40s\" is no key; run `weir keys` to see what a key is called",
                           reading->where, reading->line, words[i]);
    binding->count = n;
    return true;
}

static bool bind(const struct reading *reading, char *const *words, int n, const char *action, struct err *err)
{
    struct keymap *keymap = reading->keymap;
    struct binding new = {.layer = keymap->layers, .line = reading->line};
    int context = context_find(words[0]);
    if (context < 0)
        return err_set(err, ERR_CONFIG, "%s:%d: there is no context \"%.40s\"", reading->where, reading->line,
                       words[0]);
    new.context = (enum keymap_context)context;
    new.action = action_find(action);
    if (new.action == ACTION_COUNT)
        return err_set(err, ERR_CONFIG, "%s:%d: there is no action \"%.40s\"; help lists them all", reading->where,
                       reading->line, action);
    if (!parse_chords(reading, words + 1, n - 1, &new, err))
        return false;
    struct binding *old = find_exact(keymap, new.context, new.keys, new.count);
    if (old && old->layer == new.layer)
        return err_set(err, ERR_CONFIG, "%s:%d: this key was already given in line %d; remove one", reading->where,
                       reading->line, old->line);
    if (!old && keymap->count == BINDINGS_MAX)
        return err_set(err, ERR_CONFIG, "%s:%d: more than %d bindings", reading->where, reading->line, BINDINGS_MAX);
    if (old)
        *old = new;
    else
        keymap->bindings[keymap->count++] = new;
    return true;
}

/* `context chord... = action [# comment]`; '=' and '#' may be chords, so the sign that counts is the one before the
 * last word. */
static bool read_line(const struct reading *reading, char *line, struct err *err)
{
    char *words[WORDS_MAX];
    int n = 0;
    for (char *word = strtok_r(line, " \t\r", &line); word && n < WORDS_MAX; word = strtok_r(NULL, " \t\r", &line))
        words[n++] = word;
    if (!n || words[0][0] == '#')
        return true;
    for (int at = 2; at + 1 < n; at++)
        if (!strcmp(words[at], "=") && (at + 2 == n || words[at + 2][0] == '#'))
            return bind(reading, words, at, words[at + 1], err);
    return err_set(err, ERR_CONFIG, "%s:%d: expected: context chord = action", reading->where, reading->line);
}

static void describe(const struct binding *binding, struct buf *out)
{
    for (int i = 0; i < binding->count; i++) {
        if (i)
            buf_putc(out, ' ');
        key_format(binding->keys[i], out);
    }
}

static bool set_clash(const struct reading *reading, const struct binding *a, const struct binding *b, struct err *err)
{
    const struct binding *mine = a->layer == reading->keymap->layers ? a : b, *other = mine == a ? b : a;
    struct buf these = BUF_INIT(128), those = BUF_INIT(128);
    describe(mine, &these);
    describe(other, &those);
    const char *context = contexts[mine->context].name;
    err_set(err, ERR_CONFIG,
            "%s:%d: \"%s\" and \"%s\" (%s) begin alike, so one could never be typed; unbind: %s %s = none",
            reading->where, mine->line, buf_text(&these), buf_text(&those), action_rows[other->action].id, context,
            buf_text(&those));
    buf_done(&these);
    buf_done(&those);
    return false;
}

/* Within one context no bound sequence may be the beginning of another. */
static bool check_clashes(const struct reading *reading, struct err *err)
{
    const struct keymap *keymap = reading->keymap;
    for (int i = 0; i < keymap->count; i++) {
        const struct binding *a = &keymap->bindings[i];
        for (int j = 0; j < keymap->count; j++) {
            const struct binding *b = &keymap->bindings[j];
            if (a->context == b->context && a->count < b->count && a->action && b->action &&
                begins_with(b, a->keys, a->count))
                return set_clash(reading, a, b, err);
        }
    }
    return true;
}

static bool read_text(const struct reading *start, const char *text, struct err *err)
{
    struct reading reading = *start;
    while (*text) {
        char line[LINE_MAX_BYTES];
        size_t len = strcspn(text, "\n");
        reading.line++;
        if (len >= sizeof line)
            return err_set(err, ERR_CONFIG, "%s:%d: the line is longer than %d bytes", reading.where, reading.line,
                           LINE_MAX_BYTES - 1);
        memcpy(line, text, len);
        line[len] = '\0';
        if (!read_line(&reading, line, err))
            return false;
        text += len + (text[len] == '\n');
    }
    return check_clashes(&reading, err);
}

bool keymap_merge(struct keymap *keymap, const char *where, const char *text, struct err *err)
{
    struct keymap *merged = keymap_new();
    *merged = *keymap;
    merged->layers++;
    struct reading reading = {.keymap = merged, .where = where};
    bool ok = read_text(&reading, text, err);
    if (ok)
        *keymap = *merged;
    keymap_free(merged);
    return ok;
}

/* What these keys do in one context alone; *unbound: they are bound to nothing here, which hides the parents'. */
static enum keymap_result look_in(const struct keymap *keymap, enum keymap_context context, const struct key *keys,
                                  int n, enum action *action, bool *unbound)
{
    bool is_beginning = false;
    *unbound = false;
    for (int i = 0; i < keymap->count; i++) {
        const struct binding *binding = &keymap->bindings[i];
        if (binding->context != context || !begins_with(binding, keys, n))
            continue;
        if (binding->count == n && binding->action) {
            *action = binding->action;
            return KEYMAP_HIT;
        }
        *unbound = *unbound || binding->count == n;
        is_beginning = is_beginning || (binding->count > n && binding->action);
    }
    return is_beginning ? KEYMAP_PENDING : KEYMAP_MISS;
}

bool keymap_binds(const struct keymap *keymap, enum keymap_context context, struct key key)
{
    enum action action;
    bool unbound;
    return look_in(keymap, context, &key, 1, &action, &unbound) != KEYMAP_MISS;
}

/* The same along the chain of parents. */
static enum keymap_result look_up(const struct keymap *keymap, enum keymap_context context, const struct key *keys,
                                  int n, enum action *action)
{
    for (;; context = contexts[context].parent) {
        bool unbound;
        enum keymap_result result = look_in(keymap, context, keys, n, action, &unbound);
        if (result != KEYMAP_MISS || unbound || contexts[context].parent == context)
            return result;
    }
}

enum keymap_result keymap_feed(const struct keymap *keymap, enum keymap_context context, struct key key,
                               struct keymap_pending *pending, enum action *action)
{
    *action = ACTION_none;
    pending->keys[pending->count++] = key;
    enum keymap_result result = look_up(keymap, context, pending->keys, pending->count, action);
    if (result != KEYMAP_PENDING || pending->count == KEYMAP_SEQUENCE)
        pending->count = 0;
    return result;
}

/* Is this binding what its keys do in the context (no child hides it)? */
static bool is_in_force(const struct keymap *keymap, enum keymap_context context, const struct binding *binding)
{
    for (int n = 1; n <= binding->count; n++) {
        enum action action;
        enum keymap_result result = look_up(keymap, context, binding->keys, n, &action);
        if (n < binding->count ? result != KEYMAP_PENDING : result != KEYMAP_HIT || action != binding->action)
            return false;
    }
    return true;
}

bool keymap_chord(const struct keymap *keymap, enum keymap_context context, enum action action, struct buf *out)
{
    const struct binding *best = NULL;
    for (enum keymap_context from = context;; from = contexts[from].parent) {
        for (int i = 0; i < keymap->count; i++) {
            const struct binding *binding = &keymap->bindings[i];
            if (binding->context == from && binding->action == action && (!best || binding->layer > best->layer) &&
                is_in_force(keymap, context, binding))
                best = binding;
        }
        if (best || contexts[from].parent == from)
            break;
    }
    if (best)
        describe(best, out);
    return best != NULL;
}

/* All chords of one context that do the action, "k, Up". */
static void join_chords(const struct keymap *keymap, enum keymap_context context, enum keymap_context from,
                        enum action action, struct buf *out)
{
    for (int i = 0; i < keymap->count; i++) {
        const struct binding *binding = &keymap->bindings[i];
        if (binding->context != from || binding->action != action || !is_in_force(keymap, context, binding))
            continue;
        if (out->len)
            buf_puts(out, ", ");
        describe(binding, out);
    }
}

void keymap_each(const struct keymap *keymap, enum keymap_context context,
                 void (*each)(void *data, enum keymap_context from, const char *chords, enum action action), void *data)
{
    struct buf chords = BUF_INIT(1024);
    for (enum keymap_context from = context;; from = contexts[from].parent) {
        for (int action = ACTION_none + 1; action < ACTION_COUNT; action++) {
            buf_clear(&chords);
            join_chords(keymap, context, from, (enum action)action, &chords);
            if (chords.len)
                each(data, from, buf_text(&chords), (enum action)action);
        }
        if (contexts[from].parent == from)
            break;
    }
    buf_done(&chords);
}

static const struct tui_files keymap_files = {.folder = "keymaps", .suffix = ".keys"};

static bool merge_named(struct keymap *keymap, const char *name, struct err *err)
{
    struct buf text = BUF_INIT(KEYMAP_BYTES_MAX);
    char where[PATH_SIZE];
    bool ok =
        tui_files_read(&keymap_files, name, &text, where, err) && keymap_merge(keymap, where, buf_text(&text), err);
    buf_done(&text);
    return ok;
}

static bool merge_user_keys(struct keymap *keymap, struct err *err)
{
    char config[PATH_SIZE], path[PATH_SIZE];
    if (!path_xdg_dir(XDG_CONFIG, config, NULL) || !path_join(path, config, "keys.keys", NULL) || !path_exists(path))
        return true;
    struct buf text = BUF_INIT(KEYMAP_BYTES_MAX);
    bool ok = path_read(path, &text, err) && keymap_merge(keymap, path, buf_text(&text), err);
    buf_done(&text);
    return ok;
}

struct keymap *keymap_load(const char *name, struct err *err)
{
    struct keymap *keymap = keymap_new();
    if (merge_named(keymap, "default", err) && (!strcmp(name, "default") || merge_named(keymap, name, err)) &&
        merge_user_keys(keymap, err))
        return keymap;
    keymap_free(keymap);
    return NULL;
}

int keymap_names(char names[][KEYMAP_NAME], int max)
{
    return tui_files_names(&keymap_files, names, max);
}
