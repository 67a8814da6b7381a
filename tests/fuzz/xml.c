/* Any bytes: a tree or an error with its place; and every text of a tree survives being written and read. */
#include "backend/base/xml.h"
#include "tests/fuzz/fuzz.h"
#include <string.h>

static void check_text(const struct xml_node *node)
{
    struct buf out = BUF_INIT(1 << 20);
    struct arena *arena = arena_new(1 << 20);
    MUST(strlen(node->text) == node->text_len);
    MUST(xml_write_element(&out, "a", node->text));
    struct xml_node *back = xml_parse(arena, out.data, out.len, NULL);
    MUST(back && strcmp(back->text, node->text) == 0);
    arena_free(arena);
    buf_done(&out);
}

static void walk(const struct xml_node *node, int depth)
{
    MUST(depth <= 64);
    for (; node; node = node->next) {
        check_text(node);
        MUST(!node->child || node->child->parent == node);
        walk(node->child, depth + 1);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
    struct err err = ERR_NONE;
    struct arena *arena = arena_new(len % 3 ? 1 << 20 : 2000);
    struct xml_node *root = xml_parse(arena, (const char *)bytes, len, &err);
    MUST((root != NULL) == (err.code == ERR_OK));
    MUST(root || err.text[0]);
    walk(root, 1);
    arena_free(arena);
    return 0;
}
