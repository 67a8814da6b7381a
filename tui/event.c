/* Chords as text: the form that keymap files, help and `weir keys` use. Decoding a terminal's bytes is in input.c.
 * Pure. */
#include "tui/event.h"
#include "backend/base/text.h"
#include <string.h>

struct named_key {
    const char *name;
    uint32_t code;
};
static const struct named_key named_keys[] = {
#define X(id, text) {.name = text, .code = NAMED_##id},
    NAMED_KEYS(X)
#undef X
        {.name = NULL},
};
struct modifier {
    const char *prefix, *label;
    unsigned mod;
};
static const struct modifier modifiers[] = {
    {.prefix = "C-", .label = "Ctrl-", .mod = MOD_CTRL},
    {.prefix = "M-", .label = "Alt-", .mod = MOD_ALT},
    {.prefix = "S-", .label = "Shift-", .mod = MOD_SHIFT},
    {.prefix = NULL},
};

static const struct named_key *find_name(const char *name, size_t len)
{
    for (const struct named_key *key = named_keys; key->name; key++)
        if (strlen(key->name) == len && !memcmp(key->name, name, len))
            return key;
    return NULL;
}

/* A terminal sends the same byte for these pairs (ECMA-48: Ctrl clears the upper bits), so they are one key. */
static struct key canonical(struct key key)
{
    if (!(key.mods & MOD_CTRL))
        return key;
    if (key.code >= 'A' && key.code <= 'Z')
        key.code += 'a' - 'A';
    uint32_t same = key.code == 'i' ? NAMED_TAB : key.code == 'm' ? NAMED_ENTER : key.code == '[' ? NAMED_ESC : 0;
    if (same) {
        key.code = same;
        key.mods &= ~(unsigned)MOD_CTRL;
    }
    return key;
}

/* The length of the modifier that the chord begins with, 0 when with none (a lone "C-" begins with none). */
static size_t modifier_at(const char *chord, size_t len, unsigned *mods)
{
    for (const struct modifier *mod = modifiers; mod->prefix; mod++) {
        const char *forms[] = {mod->label, mod->prefix};
        for (int i = 0; i < 2; i++) {
            size_t step = strlen(forms[i]);
            if (len > step && !memcmp(chord, forms[i], step)) {
                *mods |= mod->mod;
                return step;
            }
        }
    }
    return 0;
}

bool key_parse(const char *chord, size_t len, struct key *key)
{
    *key = (struct key){.code = 0};
    for (size_t step = modifier_at(chord, len, &key->mods); step; step = modifier_at(chord, len, &key->mods)) {
        chord += step;
        len -= step;
    }
    const struct named_key *named = find_name(chord, len);
    uint32_t code;
    if (named)
        key->code = named->code;
    else if (len && text_decode(chord, len, &code) == len && text_code_width(code) > 0 && code != ' ')
        key->code = code;
    else
        return false;
    /* Shift with a character is that other character */
    if (!named && key->mods & MOD_SHIFT)
        return false;
    *key = canonical(*key);
    return true;
}

static bool format_key(struct key key, bool long_form, struct buf *out)
{
    for (const struct modifier *mod = modifiers; mod->prefix; mod++)
        if (key.mods & mod->mod)
            buf_puts(out, long_form ? mod->label : mod->prefix);
    for (const struct named_key *named = named_keys; named->name; named++)
        if (named->code == key.code)
            return buf_puts(out, named->name);
    char bytes[4];
    return buf_append(out, bytes, text_encode(key.code, bytes));
}

bool key_format(struct key key, struct buf *out)
{
    return format_key(key, false, out);
}

bool key_label(struct key key, struct buf *out)
{
    return format_key(key, true, out);
}

bool key_equal(struct key a, struct key b)
{
    return a.code == b.code && a.mods == b.mods;
}

size_t key_text(struct key key, char out[4])
{
    if (key.mods & (MOD_CTRL | MOD_ALT))
        return 0;
    if (key.code == NAMED_SPACE) {
        out[0] = ' ';
        return 1;
    }
    return key.code >= KEY_NAMED_FIRST ? 0 : text_encode(key.code, out);
}
