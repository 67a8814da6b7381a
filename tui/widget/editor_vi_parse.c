/* vi's grammar: ["register] [count] verb, motion, or operator [count] motion|object|itself, read from the keys that
 * wait. UI thread. */
#include "tui/widget/editor_vi.h"
#include <string.h>

struct parser {
    const struct key *keys;
    int count, at;
};

static bool is_char(struct key key, uint32_t code)
{
    return key.code == code && !key.mods;
}

static void read_count(struct parser *parser, long *count)
{
    while (parser->at < parser->count) {
        struct key key = parser->keys[parser->at];
        bool is_digit = !key.mods && key.code >= (*count ? '0' : '1') && key.code <= '9';
        if (!is_digit)
            return;
        *count = *count * 10 + (long)(key.code - '0');
        *count = *count > VI_COUNT_MAX ? VI_COUNT_MAX : *count;
        parser->at++;
    }
}

/* Registers and counts in any order; false: more keys are needed. */
static bool read_front(struct parser *parser, struct vi_command *command)
{
    for (;;) {
        read_count(parser, &command->count);
        if (parser->at >= parser->count)
            return false;
        if (!is_char(parser->keys[parser->at], '"'))
            return true;
        if (parser->at + 1 >= parser->count)
            return false;
        struct key name = parser->keys[parser->at + 1];
        command->reg = name.code < 0x7f && !name.mods && name.code != '"' ? (char)name.code : 0;
        parser->at += 2;
    }
}

/* The prefix before the next key, when there is one; false: more keys are needed. */
static bool read_prefix(struct parser *parser, uint32_t *prefix)
{
    *prefix = 0;
    if (parser->at < parser->count) {
        struct key key = parser->keys[parser->at];
        if (is_char(key, 'g') || is_char(key, 'z')) {
            *prefix = key.code;
            parser->at++;
        }
    }
    return parser->at < parser->count;
}

static bool takes(uint32_t row_prefix, struct key row, uint32_t prefix, struct key key)
{
    return row_prefix == prefix && key_equal(row, key);
}

static const struct vi_motion *find_motion(uint32_t prefix, struct key key)
{
    for (const struct vi_motion *row = vi_motions; row->move; row++)
        if (takes(row->prefix, row->key, prefix, key))
            return row;
    return NULL;
}

static const struct vi_operator *find_operator(const struct vi_operator *row, uint32_t prefix, struct key key)
{
    for (; row->run; row++)
        if (takes(row->prefix, row->key, prefix, key))
            return row;
    return NULL;
}

static const struct vi_verb *find_verb(const struct vi_verb *row, uint32_t prefix, struct key key)
{
    for (; row->run; row++)
        if (takes(row->prefix, row->key, prefix, key))
            return row;
    return NULL;
}

static enum vi_parse read_arg(struct parser *parser, bool takes_arg, struct vi_command *command)
{
    if (!takes_arg)
        return VI_WHOLE;
    if (parser->at >= parser->count)
        return VI_MORE;
    command->arg = parser->keys[parser->at++];
    return command->arg.code == NAMED_ESC ? VI_NONE : VI_WHOLE;
}

static enum vi_parse read_object(struct parser *parser, struct vi_command *command)
{
    command->around = parser->keys[parser->at - 1].code == 'a';
    if (parser->at >= parser->count)
        return VI_MORE;
    struct key name = parser->keys[parser->at++];
    for (const struct vi_object *row = vi_objects; row->find; row++)
        if (is_char(name, (unsigned char)row->name)) {
            command->object = row;
            command->object_name = row->name;
            return VI_WHOLE;
        }
    return VI_NONE;
}

static enum vi_parse read_motion(struct parser *parser, uint32_t prefix, struct key key, struct vi_command *command)
{
    command->motion = find_motion(prefix, key);
    return command->motion ? read_arg(parser, command->motion->takes_arg, command) : VI_NONE;
}

/* What an operator works on. */
static enum vi_parse read_rest(struct parser *parser, struct vi_command *command)
{
    long count = 0;
    uint32_t prefix;
    read_count(parser, &count);
    if (count)
        command->count = (command->count ? command->count : 1) * count;
    if (command->count > VI_COUNT_MAX)
        command->count = VI_COUNT_MAX;
    if (!read_prefix(parser, &prefix))
        return VI_MORE;
    struct key key = parser->keys[parser->at++];
    bool is_itself = key_equal(key, command->op->key) && (prefix == 0 || prefix == command->op->prefix);
    if (is_itself) {
        command->doubled = true;
        return VI_WHOLE;
    }
    if (!prefix && (is_char(key, 'i') || is_char(key, 'a')))
        return read_object(parser, command);
    return read_motion(parser, prefix, key, command);
}

static enum vi_parse parse_visual(struct parser *parser, uint32_t prefix, struct key key, struct vi_command *command)
{
    const struct vi_operator *lines = find_operator(vi_visual_line_operators, prefix, key);
    command->op = lines ? lines : find_operator(vi_visual_operators, prefix, key);
    command->is_visual = true;
    command->visual_lines = lines != NULL;
    if (command->op)
        return VI_WHOLE;
    command->verb = find_verb(vi_visual_verbs, prefix, key);
    if (command->verb)
        return read_arg(parser, command->verb->takes_arg, command);
    if (!prefix && (is_char(key, 'i') || is_char(key, 'a')))
        return read_object(parser, command);
    return read_motion(parser, prefix, key, command);
}

enum vi_parse vi_parse(const struct vi *vi, struct vi_command *command)
{
    struct parser parser = {.keys = vi->pending, .count = vi->pending_count};
    uint32_t prefix;
    *command = (struct vi_command){.count = 0};
    if (!read_front(&parser, command) || !read_prefix(&parser, &prefix))
        return VI_MORE;
    struct key key = parser.keys[parser.at++];
    if (vi_is_visual(vi))
        return parse_visual(&parser, prefix, key, command);
    command->op = find_operator(vi_operators, prefix, key);
    if (command->op)
        return read_rest(&parser, command);
    command->verb = find_verb(vi_verbs, prefix, key);
    if (command->verb)
        return read_arg(&parser, command->verb->takes_arg, command);
    return read_motion(&parser, prefix, key, command);
}
