/* XML by expat: events become a tree in the caller's arena. Any thread; a tree is read-only afterwards. */
#include "backend/base/xml.h"
#include "backend/base/text.h"
#include <errno.h>
#include <expat.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

enum { DEPTH_MAX = 64 };

struct builder {
    XML_Parser parser;
    struct arena *arena;
    struct xml_node *root, *open;     /* open: the element we are in */
    struct xml_node *last[DEPTH_MAX]; /* last child so far, per depth */
    struct buf text[DEPTH_MAX];       /* character data so far, per depth */
    int depth;                        /* elements open */
    enum err_code code;               /* why we stopped expat; ERR_OK: we did not */
    const char *problem;
};

static void stop(struct builder *builder, enum err_code code, const char *problem)
{
    if (builder->code != ERR_OK)
        return;
    builder->code = code;
    builder->problem = problem;
    XML_StopParser(builder->parser, XML_FALSE);
}

static const char *local_name(const char *name)
{
    const char *colon = strrchr(name, ':');
    return colon ? colon + 1 : name;
}

/* Copies name, value, ... without namespace declarations; NULL when there are none or memory ended. */
static const char **copy_attrs(struct arena *arena, const char **from)
{
    size_t count = 0;
    while (from[count])
        count++;
    const char **attrs = count ? ARENA_ARRAY(arena, const char *, count + 1) : NULL;
    if (!attrs)
        return NULL;
    size_t used = 0;
    for (size_t i = 0; i < count; i += 2) {
        if (strncmp(from[i], "xmlns", 5) == 0)
            continue;
        attrs[used++] = arena_strdup(arena, local_name(from[i]));
        attrs[used++] = arena_strdup(arena, from[i + 1]);
    }
    attrs[used] = NULL;
    return used ? attrs : NULL;
}

static void on_start(void *context, const char *name, const char **attrs)
{
    struct builder *builder = context;
    if (builder->depth >= DEPTH_MAX) {
        stop(builder, ERR_PARSE, "elements are nested deeper than 64");
        return;
    }
    struct xml_node *node = ARENA_NEW(builder->arena, struct xml_node);
    const char *copy = arena_strdup(builder->arena, local_name(name));
    const char **pairs = copy_attrs(builder->arena, attrs);
    if (!node || arena_failed(builder->arena)) {
        stop(builder, ERR_TOO_LARGE, "it is larger than the allowed maximum");
        return;
    }
    *node = (struct xml_node){.name = copy, .text = "", .attrs = pairs, .parent = builder->open};
    if (!builder->open)
        builder->root = node;
    else if (!builder->open->child)
        builder->open->child = node;
    else
        builder->last[builder->depth]->next = node;
    builder->last[builder->depth] = node;
    builder->open = node;
    buf_clear(&builder->text[builder->depth]);
    builder->depth++;
}

static void on_text(void *context, const char *bytes, int len)
{
    struct builder *builder = context;
    if (builder->depth && !buf_append(&builder->text[builder->depth - 1], bytes, (size_t)len))
        stop(builder, ERR_TOO_LARGE, "it is larger than the allowed maximum");
}

static void on_end(void *context, const char *name)
{
    (void)name;
    struct builder *builder = context;
    if (builder->code != ERR_OK)
        return;
    struct xml_node *node = builder->open;
    const struct buf *text = &builder->text[--builder->depth];
    if (text->len) {
        node->text = arena_strndup(builder->arena, text->data, text->len);
        node->text_len = text->len;
        if (!node->text)
            stop(builder, ERR_TOO_LARGE, "it is larger than the allowed maximum");
    }
    builder->open = node->parent;
}

/* No DTD, so no entity can be declared: neither files of this machine nor expansions come in. */
static void on_doctype(void *context, const char *name, const char *system_id, const char *public_id, int internal)
{
    (void)name, (void)system_id, (void)public_id, (void)internal;
    stop(context, ERR_PARSE, "a DOCTYPE is not accepted");
}

static bool feed(struct builder *builder, const char *bytes, size_t len, struct err *err)
{
    enum { STEP = 1 << 20 }; /* expat takes an int */
    enum XML_Status status = XML_STATUS_OK;
    for (size_t done = 0; status == XML_STATUS_OK;) {
        size_t part = len - done < STEP ? len - done : STEP;
        done += part;
        status = XML_Parse(builder->parser, part ? bytes + done - part : "", (int)part, done == len);
        if (done == len)
            break;
    }
    if (status == XML_STATUS_OK && builder->code == ERR_OK)
        return true;
    const char *problem = builder->problem ? builder->problem : XML_ErrorString(XML_GetErrorCode(builder->parser));
    enum err_code code = builder->code != ERR_OK ? builder->code : ERR_PARSE;
    return err_set(err, code, "XML line %lu column %lu: %s", XML_GetCurrentLineNumber(builder->parser),
                   XML_GetCurrentColumnNumber(builder->parser) + 1, problem);
}

struct xml_node *xml_parse(struct arena *arena, const char *bytes, size_t len, struct err *err)
{
    struct builder builder = {.arena = arena, .parser = XML_ParserCreate(NULL)};
    if (!builder.parser) {
        err_set(err, ERR_FAILED, "XML: out of memory");
        return NULL;
    }
    for (int i = 0; i < DEPTH_MAX; i++)
        buf_init(&builder.text[i], len < SIZE_MAX / 4 ? len * 3 : len); /* UTF-16 grows by half, Latin-1 doubles */
    XML_SetUserData(builder.parser, &builder);
    XML_SetElementHandler(builder.parser, on_start, on_end);
    XML_SetCharacterDataHandler(builder.parser, on_text);
    XML_SetStartDoctypeDeclHandler(builder.parser, on_doctype);
    bool parsed = feed(&builder, bytes, len, err);
    XML_ParserFree(builder.parser);
    for (int i = 0; i < DEPTH_MAX; i++)
        buf_done(&builder.text[i]);
    return parsed ? builder.root : NULL;
}

static const struct xml_node *find(const struct xml_node *node, const char *name)
{
    while (node && strcmp(node->name, name) != 0)
        node = node->next;
    return node;
}

const struct xml_node *xml_child(const struct xml_node *node, const char *name)
{
    return node ? find(node->child, name) : NULL;
}

const struct xml_node *xml_next(const struct xml_node *node)
{
    return node ? find(node->next, node->name) : NULL;
}

const char *xml_text(const struct xml_node *node, const char *name, const char *fallback)
{
    const struct xml_node *child = xml_child(node, name);
    return child ? child->text : fallback;
}

int64_t xml_int(const struct xml_node *node, const char *name, int64_t fallback)
{
    const char *text = xml_text(node, name, "");
    char *end;
    errno = 0;
    long long number = strtoll(text, &end, 10);
    return end == text || *end || errno ? fallback : number;
}

static const char *escape_of(uint32_t code)
{
    switch (code) {
    case '&':
        return "&amp;";
    case '<':
        return "&lt;";
    case '>':
        return "&gt;";
    case '"':
        return "&quot;";
    case '\'':
        return "&apos;";
    case '\r':
        return "&#xD;"; /* a bare one would be read back as a newline (XML 1.0, 2.11) */
    default:
        return NULL;
    }
}

/* XML 1.0, production 2: Char. */
static bool is_xml_char(uint32_t code)
{
    return code == '\t' || code == '\n' || code == '\r' || (code >= 0x20 && code != 0xfffe && code != 0xffff);
}

bool xml_write_escaped(struct buf *out, const char *bytes, size_t len)
{
    for (size_t i = 0; i < len;) {
        uint32_t code = 0;
        size_t step = text_decode(bytes + i, len - i, &code);
        const char *escape = step ? escape_of(code) : NULL;
        if (step == 0 || !is_xml_char(code))
            buf_puts(out, "&#xFFFD;");
        else if (escape)
            buf_puts(out, escape);
        else
            buf_append(out, bytes + i, step);
        i += step ? step : 1;
    }
    return !out->failed;
}

bool xml_write_element(struct buf *out, const char *name, const char *text)
{
    buf_printf(out, "<%s>", name);
    xml_write_escaped(out, text, strlen(text));
    return buf_printf(out, "</%s>", name);
}
