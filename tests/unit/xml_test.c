/* XML: a tree of what S3 and STS answer, refusal of what could harm, and escaping that expat reads back. */
#include "backend/base/xml.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
/* cmocka wants the four above first */
#include <cmocka.h>

static struct xml_node *parse(struct arena *arena, const char *text, struct err *err)
{
    return xml_parse(arena, text, strlen(text), err);
}

static void a_listing_is_walked_by_name(void **state)
{
    (void)state;
    static const char text[] = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
                               "<ListBucketResult xmlns=\"urn:x\"><Name>lake</Name>"
                               "<Contents><Key>a&amp;b</Key><Size>12</Size></Contents>"
                               "<Prefix/><Contents><Key>c</Key><Size>x</Size></Contents></ListBucketResult>";
    struct arena *arena = arena_new(1 << 16);
    struct xml_node *root = parse(arena, text, NULL);
    assert_string_equal(root->name, "ListBucketResult");
    assert_null(root->attrs);
    assert_string_equal(xml_text(root, "Name", "?"), "lake");
    assert_string_equal(xml_text(root, "Prefix", "?"), "");
    assert_string_equal(xml_text(root, "Absent", "?"), "?");
    const struct xml_node *item = xml_child(root, "Contents");
    assert_string_equal(xml_text(item, "Key", ""), "a&b");
    assert_int_equal(xml_int(item, "Size", -1), 12);
    item = xml_next(item);
    assert_string_equal(xml_text(item, "Key", ""), "c");
    assert_int_equal(xml_int(item, "Size", -1), -1);
    assert_null(xml_next(item));
    arena_free(arena);
}

static void nothing_is_found_in_nothing(void **state)
{
    (void)state;
    assert_null(xml_child(NULL, "x"));
    assert_null(xml_next(NULL));
    assert_string_equal(xml_text(NULL, "x", "fallback"), "fallback");
    assert_int_equal(xml_int(NULL, "x", 3), 3);
}

static void prefixes_go_and_attributes_stay(void **state)
{
    (void)state;
    struct arena *arena = arena_new(1 << 16);
    struct xml_node *root =
        parse(arena, "<s:Grantee xmlns:s=\"urn:s\" xmlns:xsi=\"urn:i\" xsi:type=\"CanonicalUser\" id=\"7\"/>", NULL);
    assert_string_equal(root->name, "Grantee");
    assert_string_equal(root->attrs[0], "type");
    assert_string_equal(root->attrs[1], "CanonicalUser");
    assert_string_equal(root->attrs[2], "id");
    assert_string_equal(root->attrs[3], "7");
    assert_null(root->attrs[4]);
    arena_free(arena);
}

static void text_around_children_is_joined(void **state)
{
    (void)state;
    struct arena *arena = arena_new(1 << 16);
    struct xml_node *root = parse(arena, "<a>x<b>in</b>y<![CDATA[<z>]]>&#x41;</a>", NULL);
    assert_string_equal(root->text, "xy<z>A");
    assert_int_equal(root->text_len, 6);
    assert_string_equal(root->child->text, "in");
    assert_ptr_equal(root->child->parent, root);
    arena_free(arena);
}

static void refuses(const char *text, enum err_code code, const char *word)
{
    struct err err;
    struct arena *arena = arena_new(1 << 16);
    assert_null(parse(arena, text, &err));
    assert_int_equal(err.code, code);
    assert_non_null(strstr(err.text, word));
    arena_free(arena);
}

static void bad_xml_is_refused_with_its_place(void **state)
{
    (void)state;
    refuses("", ERR_PARSE, "line 1");
    refuses("<a>\n<b></a>", ERR_PARSE, "line 2");
    refuses("<a>", ERR_PARSE, "line 1");
    refuses("<a/><b/>", ERR_PARSE, "line 1");
    refuses("<a>\xff</a>", ERR_PARSE, "line 1");
    refuses("<a>&foo;</a>", ERR_PARSE, "line 1");
    refuses("<a>\x01</a>", ERR_PARSE, "line 1");
}

static void a_doctype_is_refused(void **state)
{
    (void)state;
    refuses("<!DOCTYPE a [<!ENTITY e \"x\">]><a>&e;</a>", ERR_PARSE, "DOCTYPE");
    refuses("<!DOCTYPE a SYSTEM \"file:///etc/passwd\"><a/>", ERR_PARSE, "DOCTYPE");
}

static void nested(int depth, struct buf *out)
{
    for (int i = 0; i < depth; i++)
        buf_puts(out, "<a>");
    for (int i = 0; i < depth; i++)
        buf_puts(out, "</a>");
}

static void sixty_four_levels_are_the_deepest(void **state)
{
    (void)state;
    struct buf text = BUF_INIT(10000);
    struct arena *arena = arena_new(1 << 16);
    nested(64, &text);
    assert_non_null(xml_parse(arena, text.data, text.len, NULL));
    buf_clear(&text);
    nested(65, &text);
    refuses(buf_text(&text), ERR_PARSE, "64");
    buf_clear(&text);
    nested(500, &text);
    refuses(buf_text(&text), ERR_PARSE, "64");
    buf_done(&text);
    arena_free(arena);
}

static void a_small_arena_refuses_a_large_answer(void **state)
{
    (void)state;
    static const char text[] = "<a><b>0123456789</b><b x=\"y\">0123456789</b></a>";
    for (size_t max = 0; max < 400; max++) {
        struct err err = ERR_NONE;
        struct arena *arena = arena_new(max);
        if (!parse(arena, text, &err))
            assert_int_equal(err.code, ERR_TOO_LARGE);
        else
            assert_true(max > 200);
        arena_free(arena);
    }
}

static void what_is_written_is_read_back(void **state)
{
    (void)state;
    static const char hard[] = "<a>&\"'\r\n\t\xc3\xbc";
    struct buf out = BUF_INIT(1000);
    assert_true(xml_write_element(&out, "Key", hard));
    assert_string_equal(buf_text(&out), "<Key>&lt;a&gt;&amp;&quot;&apos;&#xD;\n\t\xc3\xbc</Key>");
    struct arena *arena = arena_new(1 << 16);
    struct xml_node *root = xml_parse(arena, out.data, out.len, NULL);
    assert_string_equal(root->text, hard);
    arena_free(arena);
    buf_done(&out);
}

static void what_xml_cannot_carry_is_replaced(void **state)
{
    (void)state;
    struct buf out = BUF_INIT(1000);
    assert_true(xml_write_escaped(&out, "a\0\x1b\xff\xef\xbf\xbf", 7));
    assert_string_equal(buf_text(&out), "a&#xFFFD;&#xFFFD;&#xFFFD;&#xFFFD;");
    buf_done(&out);
    buf_init(&out, 4);
    assert_false(xml_write_element(&out, "a", "x"));
    buf_done(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_listing_is_walked_by_name),       cmocka_unit_test(nothing_is_found_in_nothing),
        cmocka_unit_test(prefixes_go_and_attributes_stay),   cmocka_unit_test(text_around_children_is_joined),
        cmocka_unit_test(bad_xml_is_refused_with_its_place), cmocka_unit_test(a_doctype_is_refused),
        cmocka_unit_test(sixty_four_levels_are_the_deepest), cmocka_unit_test(a_small_arena_refuses_a_large_answer),
        cmocka_unit_test(what_is_written_is_read_back),      cmocka_unit_test(what_xml_cannot_carry_is_replaced),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
