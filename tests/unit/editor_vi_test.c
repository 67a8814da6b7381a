/* vi's keys in the editor: what vim does with the same keys. '|' is the cursor. */
#include "tests/lib/editor.h"
#include <locale.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static bool one_word(void *context, const char *text, size_t len, size_t cursor, struct editor_candidates *out)
{
    (void)context;
    (void)len;
    out->start = out->end = cursor;
    while (out->start > 0 && text[out->start - 1] >= 'a')
        out->start--;
    return cursor - out->start >= 2 && !strncmp("select", text + out->start, cursor - out->start) &&
           editor_candidates_add(out, "select", NULL, NULL, NULL);
}

static const struct editor_language language = {.line_comment = "--", .candidates = one_word};
static const struct editor_options options = {.keys = EDITOR_VI, .indent = 4, .language = &language};
#define CHECK(cases) editor_check(&options, cases, sizeof cases / sizeof *cases)

static void inserting_begins_and_ends_where_vi_says(void **state)
{
    (void)state;
    static const struct editor_case cases[] = {
        {"|", "'iabc' Esc", "ab|c"},
        {"a|bc", "'ix' Esc", "a|xbc"},
        {"a|bc", "'ax' Esc", "ab|xc"},
        {"  ab|c", "'Ix' Esc", "  |xabc"},
        {"  ab|c", "'gIx' Esc", "|x  abc"},
        {"|abc", "'Ax' Esc", "abc|x"},
        {"  a|b\nc", "'ox' Esc", "  ab\n  |x\nc"},
        {"a\n  b|c", "'Ox' Esc", "a\n  |x\n  bc"},
        {"|ab", "'O' Esc", "|\nab"},
        {"  |ab", "'o' Esc", "  ab\n|"},
        {"|", "'3iab' Esc", "ababa|b"},
        {"|a", "'2ob' Esc", "a\nb\n|b"},
        {"|", "'iab cd' C-w Esc", "ab| "},
        {"|", "'iab cd' C-u Esc", "|"},
        {"|", "'iab' C-t Esc", "    a|b"},
        {"    |a", "'i' C-d Esc", "|a"},
        {"one |two", "'yeA ' C-r '\"' Esc", "one two tw|o"},
        {"a|bc", "'ix' C-c 'x'", "a|bc"},
        {"a|bcd", "'Rxy' Esc", "ax|yd"},
        {"a|bc", "'Rxyz' Backspace Backspace Esc", "a|xc"},
        {"one|\n", "'Atwo' Esc '0giX' Esc", "onetwo|X\n"},
        {"|a", "'i' <x\ny> Esc", "x\n|ya"},
        {"a|b", "<xy>", "ax|yb"},
        {"  f(|)", "'i' Enter 'x' Esc", "  f(\n      |x\n  )"},
    };
    CHECK(cases);
}

static void motions_go_where_vi_goes(void **state)
{
    (void)state;
    static const struct editor_case cases[] = {
        {"one| two", "w", "one |two"},
        {"|one, two", "w", "one|, two"},
        {"|one, two", "W", "one, |two"},
        {"|a\n\nb", "w", "a\n|\nb"},
        {"|a\n\nb", "'2w'", "a\n\n|b"},
        {"|one two", "e", "on|e two"},
        {"on|e, two", "e", "one|, two"},
        {"on|e, two", "'2e'", "one, tw|o"},
        {"on|e, two", "E", "one|, two"},
        {"one two|x", "b", "one |twox"},
        {"a.b |c", "B", "|a.b c"},
        {"one |two", "'ge'", "on|e two"},
        {"  a|b", "0", "|  ab"},
        {"  a|b", "^", "  |ab"},
        {"|ab c", "$", "ab |c"},
        {"|ab\ncd", "'2$'", "ab\nc|d"},
        {"|ab  \nc", "'g_'", "a|b  \nc"},
        {"|abc", "'3|'", "ab|c"},
        {"abc\na|b\nc", "j", "abc\nab\n|c"},
        {"ab|c\na\nabc", "'jj'", "abc\na\nab|c"},
        {"ab|c\na\nabcdef", "'$jj'", "abc\na\nabcde|f"},
        {"a|b\nc", "'lhh'", "|ab\nc"},
        {"a|b\nc", "Space", "ab\n|c"},
        {"ab\n|c", "Backspace", "a|b\nc"},
        {"|a\nb\nc", "G", "a\nb\n|c"},
        {"a\nb\n|c", "'gg'", "|a\nb\nc"},
        {"|a\n  b\nc", "'2G'", "a\n  |b\nc"},
        {"|a\n  b", "Enter", "a\n  |b"},
        {"a\n|b", "-", "|a\nb"},
        {"|abcabc", "'fc'", "ab|cabc"},
        {"|abcabc", "'2fc'", "abcab|c"},
        {"|abcabc", "'tc'", "a|bcabc"},
        {"|abcabc", "'tc;'", "abca|bc"},
        {"|abcabc", "'fc;'", "abcab|c"},
        {"|abcabc", "'fc;,'", "ab|cabc"},
        {"abcab|c", "'Fa'", "abc|abc"},
        {"abcab|c", "'Ta'", "abca|bc"},
        {"|abc", "'fx'", "|abc"},
        {"|f(a(b)c)", "%", "f(a(b)c|)"},
        {"f(a(b)c|)", "%", "f|(a(b)c)"},
        {"|a\nb\n\nc", "}", "a\nb\n|\nc"},
        {"a\n\nb\n|c", "{", "a\n|\nb\nc"},
        {"|ab\ncd", "'lmajl`a'", "a|b\ncd"},
        {"|ab\n  cd", "'jmagg' ' 'a'", "ab\n  |cd"},
        {"|a\nb\nc", "'G' ' '", "|a\nb\nc"},
    };
    CHECK(cases);
}

static void searches_move_and_wrap(void **state)
{
    (void)state;
    static const struct editor_case cases[] = {
        {"|one two one", "*", "one two |one"},
        {"o|ne ones one", "*", "one ones |one"},
        {"o|ne ones one", "'g*'", "one |ones one"},
        {"one two |one", "#", "|one two one"},
        {"|one two one once", "'/on' Enter", "one two |one once"},
        {"|one two one once", "'/on' Enter 'n'", "one two one |once"},
        {"|one two one once", "'/on' Enter 'nN'", "one two |one once"},
        {"|one two one", "'/one' Enter 'n'", "|one two one"},
        {"|one two one", "'/one' Enter '/' Enter", "|one two one"},
        {"one two |one", "'?two' Enter", "one |two one"},
        {"one |two one", "'/one' Esc", "one |two one"},
        {"|one two one", "'/o.e' Enter", "one two |one"},
        {"|a ab abc", "'/b$' Enter", "|a ab abc"},
        {"|a\nb a\na", "'/^a' Enter", "a\nb a\n|a"},
        {"|a\nb a\na", "'/^a' Enter 'n'", "|a\nb a\na"},
        {"a1 a22| x", "'?[0-9]' Enter", "a1 a2|2 x"},
        {"a1 a22| x", "'?[0-9]' Enter 'nn'", "a|1 a22 x"},
        {"|x a(b", "'/a(' Enter", "x |a(b"},
        {"|x ab", "'/\\(a\\)b' Enter", "x |ab"},
        {"|x X", "'/\\Xx*' Esc", "|x X"},
        {"|abc abc", "'/x*' Enter", "|abc abc"},
        {"|aXbXc", "'/X' Enter ':' 'n'", "aXb|Xc"},
        {"|one two three", "'d/th' Enter", "|three"},
        {"|one two", "'d/zz' Enter", "|one two"},
        {"one |two", "'c?one' Enter 'x' Esc", "|xtwo"},
        {"|a b a", "'v/b' Enter 'd'", "| a"},
        {"|a b c b", "'/b' Enter 'dn'", "a |b"},
        {"|aXbX", "M-% 'X' Enter 'y' Enter 'a'", "ayb|y"},
    };
    CHECK(cases);
}

static void operators_take_motions(void **state)
{
    (void)state;
    static const struct editor_case cases[] = {
        {"one |two three", "'dw'", "one |three"},
        {"one |two\nx", "'dw'", "one| \nx"},
        {"|one two three", "'d2w'", "|three"},
        {"|one two three", "'2dw'", "|three"},
        {"|a b c d e f g", "'2d3w'", "|g"},
        {"one |two", "'d0'", "|two"},
        {"one |two", "'d$'", "one| "},
        {"one |two\nx", "D", "one| \nx"},
        {"one tw|o", "'db'", "one |o"},
        {"|one, two", "'de'", "|, two"},
        {"|one, two", "'dW'", "|two"},
        {"|one two", "'dtw'", "|wo"},
        {"|one two", "'dft'", "|wo"},
        {"one tw|o", "'dF '", "one|o"},
        {"a\n|b\nc", "'dd'", "a\n|c"},
        {"a\nb\n|c", "'dd'", "a\n|b"},
        {"|a", "'dd'", "|"},
        {"|a\nb\nc\nd", "'2dd'", "|c\nd"},
        {"a\n|b\nc\nd", "'dj'", "a\n|d"},
        {"|a", "'dj'", "|a"},
        {"a\n|b\nc", "'dG'", "|a"},
        {"a\nb\n|c", "'dgg'", "|"},
        {"a\n|b\n\nc", "'d}'", "a\n|\nc"},
        {"a |b\nc\n\nd", "'d}'", "a| \n\nd"},
        {"f|(a, b) c", "'d%'", "f| c"},
        {"|one two", "'cwx' Esc", "|x two"},
        {"one| two", "'cwx' Esc", "one|xtwo"},
        {"|one, two", "'c2wx' Esc", "|x two"},
        {"|a b", "'cwx' Esc", "|x b"},
        {"  |a\nb", "'ccx' Esc", "  |x\nb"},
        {"a\n|b\nc", "'cjx' Esc", "a\n|x"},
        {"one |two", "'Cx' Esc", "one |x"},
        {"a|bc", "'sx' Esc", "a|xc"},
        {"a|bcd", "'2sx' Esc", "a|xd"},
        {" |ab\nc", "'Sx' Esc", " |x\nc"},
        {"|one two", "'gUiw'", "|ONE two"},
        {"|ONE Two", "'guu'", "|one two"},
        {"o|ne", "'g~~'", "|ONE"},
        {"|a\nb\nc", "'>>'", "    |a\nb\nc"},
        {"|a\nb\nc", "'2>>'", "    |a\n    b\nc"},
        {"|a\nb\nc", "'>j'", "    |a\n    b\nc"},
        {"      |a", "'<<'", "    |a"},
        {"|a\nb", "'gcc'", "|-- a\nb"},
        {"|a\nb", "'gcj'", "|-- a\n-- b"},
        {"|-- a", "'gcc'", "|a"},
        {"|abc", "'d' Esc 'x'", "|bc"},
        {"|a b\nc d\ne", "'2D'", "|e"},
        {"|a b\nc d\ne", "'d2$'", "|e"},
        {"ab|c", "'de'", "a|b"},
        {"a\n b|c", "'ygg'", "|a\n bc"},
        {"ab|c\nabc", "'gUj'", "AB|C\nABC"},
        {"|a\nb", "'2>>'", "    |a\n    b"},
        {"|a\nb\nc\nd", "'50%'", "a\n|b\nc\nd"},
    };
    CHECK(cases);
}

static void characters_and_lines_are_changed(void **state)
{
    (void)state;
    static const struct editor_case cases[] = {
        {"a|bc", "x", "a|c"},           {"ab|c", "x", "a|b"},
        {"|abc", "'2x'", "|c"},         {"|abc", "'5x'", "|"},
        {"ab|c", "X", "a|c"},           {"a|e\xcc\x81x", "x", "a|x"},
        {"|abc", "~", "A|bc"},          {"|abc", "'2~'", "AB|c"},
        {"ab|c", "~", "ab|C"},          {"a|bc", "'rx'", "a|xc"},
        {"|abc", "'2rx'", "x|xc"},      {"|ab", "'5rx'", "|ab"},
        {"a|bc", "'r' Enter", "a\n|c"}, {"|a\n  b\nc", "J", "a| b\nc"},
        {"|a\nb\nc", "'3J'", "a b| c"}, {"|f(\n)", "J", "f(|)"},
        {"|a\n  b", "'gJ'", "a|  b"},   {"|a\n\nb", "J", "|a\nb"},
        {"a |5", "C-a", "a |6"},        {"a |5 x", "'10' C-a", "a 1|5 x"},
        {"|x 09", "C-a", "x 1|0"},      {"|x -1", "'2' C-a", "x |1"},
        {"|x 1", "'3' C-x", "x -|2"},
    };
    CHECK(cases);
}

static void text_is_yanked_and_put(void **state)
{
    (void)state;
    static const struct editor_case cases[] = {
        {"|one two", "'ywP'", "one| one two"},
        {"|ab", "'xp'", "b|a"},
        {"|a\nb", "'yyp'", "a\n|a\nb"},
        {"|a\nb", "'yyP'", "|a\na\nb"},
        {"a\n|b", "'yyp'", "a\nb\n|b"},
        {"|a\nb", "'Yp'", "a\n|a\nb"},
        {"|a\nb", "'ddp'", "b\n|a"},
        {"|a\nb", "'yy2p'", "a\n|a\na\nb"},
        {"|a\nb", "'yygp'", "a\na\n|b"},
        {"|one two", "'\"ayw$\"ap'", "one twoone| "},
        {"|a\nb\nc", "'\"add\"Add\"ap'", "c\n|a\nb"},
        {"|one two", "'yw\"_dwP'", "one| two"},
        {"|one two", "'ywwdw\"0P'", "oneone|  "},
        {"one |two", "'yb'", "|one two"},
        {"a\n|b", "'yk'", "|a\nb"},
        {"|a\nb\nc", "'dddd\"2p'", "c\n|a"},
        {"|a", "p", "|a"},
    };
    CHECK(cases);
}

static void text_objects_are_what_vim_takes(void **state)
{
    (void)state;
    static const struct editor_case cases[] = {
        {"one tw|o three", "'diw'", "one | three"},
        {"one tw|o three", "'daw'", "one |three"},
        {"one tw|o", "'daw'", "on|e"},
        {"a f|oo.bar b", "'diW'", "a | b"},
        {"one|  two", "'diw'", "one|two"},
        {"on|e two", "'ciwx' Esc", "|x two"},
        {"|one two three", "'d2aw'", "|three"},
        {"a \"b| c\" d", "'di\"'", "a \"|\" d"},
        {"a \"b| c\" d", "'da\"'", "a |d"},
        {"|x 'a b' z", "'ci' ' 'y' Esc", "x '|y' z"},
        {"f(a, |b)", "'di('", "f(|)"},
        {"f(a, |b) c", "'da('", "f| c"},
        {"f(g(|x), y)", "'d2i('", "f(|)"},
        {"f|(x)", "'dib'", "f(|)"},
        {"f(x|)", "'dib'", "f(|)"},
        {"{\n  a|\n}", "'diB'", "{\n|}"},
        {"a [b| c] d", "'ci[x' Esc", "a [|x] d"},
        {"a |b", "'di('", "a |b"},
        {"a\n|b\n\nc", "'dip'", "|\nc"},
        {"a\n|b\n\nc", "'dap'", "|c"},
        {"a\n\n|b", "'dap'", "|a"},
        {"  o|ne", "'daw'", " | "},
        {"a |\"b\" d", "'2di\"'", "a | d"},
        {"|x f(a)", "'di('", "x f(|)"},
    };
    CHECK(cases);
}

static void visual_mode_selects_what_operators_take(void **state)
{
    (void)state;
    static const struct editor_case cases[] = {
        {"|abc", "'vlx'", "|c"},
        {"|abc d", "'ved'", "| d"},
        {"a|bc", "'vhd'", "|c"},
        {"|abc", "'vy$p'", "abc|a"},
        {"a|b\nc", "'Vd'", "|c"},
        {"|a\nb\nc", "'VjcX' Esc", "|X\nc"},
        {"|one two", "'viwd'", "| two"},
        {"f(a|b)", "'vi(d'", "f(|)"},
        {"|a\nb", "'vjod'", "|"},
        {"|abc", "'vlU'", "|ABc"},
        {"|abc", "'vlrx'", "|xxc"},
        {"|a\nb\nc", "'VjJ'", "a| b\nc"},
        {"|a\nb", "'Vj>'", "    |a\n    b"},
        {"|one two", "'veywvep'", "one on|e"},
        {"|a\nb", "'yyjVp'", "a\n|a"},
        {"|abc", "'vl' Esc 'gvd'", "|c"},
        {"|abc\nd", "'v$d'", "|d"},
        {"|abc", "'vlA;' Esc", "ab|;c"},
        {"a|bc", "'vlI;' Esc", "a|;bc"},
        {"|abc", "'v' Esc 'x'", "|bc"},
        {"|abc", "'vvx'", "|bc"},
        {"|a\nb\nc", "'vjD'", "|c"},
        {"|abcd", "'vld.'", "|"},
        {"|a\nb\nc\nd", "'Vjd.'", "|"},
        {"|ab cd", "'ve' <x>", "|x cd"},
        {"|a\nb", "'Vgc'", "|-- a\nb"},
    };
    CHECK(cases);
}

static void undo_takes_back_whole_commands(void **state)
{
    (void)state;
    static const struct editor_case cases[] = {
        {"|one two", "'dwu'", "|one two"},  {"|one two", "'dwu' C-r", "|two"},
        {"|a", "'ix y z' Esc 'u'", "|a"},   {"|abc", "'xxuu'", "|abc"},
        {"|abc", "'xx2u'", "|abc"},         {"|abc", "'xxuu' C-r C-r", "|c"},
        {"|abc", "'3xu'", "|abc"},          {"|a", "'oab' Esc 'u'", "|a"},
        {"|a b", "'cwx' Esc 'u'", "|a b"},  {"|a", "'ix' Left 'y' Esc 'u'", "|xa"},
        {"|a\nb\nc", "'Vj>u'", "|a\nb\nc"}, {"|", "u", "|"},
    };
    CHECK(cases);
}

static void the_dot_repeats_the_last_change(void **state)
{
    (void)state;
    static const struct editor_case cases[] = {
        {"|a b c d", "'dw..'", "|d"},
        {"|a\nb\nc", "'A;' Esc 'j.'", "a;\nb|;\nc"},
        {"|a b c", "'cwx' Esc 'w.'", "x |x c"},
        {"|abcdef", "'x3.'", "|ef"},
        {"|a\nb\nc\nd", "'dd.'", "|c\nd"},
        {"|a a a", "'ciwb' Esc 'w.w.'", "b b |b"},
        {"|a\nb\n", "'ox' Esc 'j.'", "a\nx\nb\n|x\n"},
        {"|ab", "'3ix' Esc '.'", "xxxx|xxab"},
        {"a|b", "'ix' Left 'y' Esc '.'", "a|yyxb"},
        {"|a b", "'cwx' Esc 'w.uu'", "|a b"},
        {"|abc", "'rxl.'", "x|xc"},
        {"|a\nb", "'ise' Tab Space Esc 'j0.'", "select a\nselect| b"},
        {"|a", "'i' <x y> Esc '.'", "x x |yya"},
    };
    CHECK(cases);
}

static void recorded_keys_play_until_something_fails(void **state)
{
    (void)state;
    static const struct editor_case cases[] = {
        {"|a\nb\nc", "'qaA;' Esc 'jq@a'", "a;\nb;\n|c"},
        {"|a\nb\nc\nd", "'qaA;' Esc 'jq2@a'", "a;\nb;\nc;\n|d"},
        {"|a\nb\nc\nd", "'qaA;' Esc 'jq@a@@'", "a;\nb;\nc;\n|d"},
        {"|aaaa", "'qaxq100@a'", "|"},
        {"|a\nb\nc", "'qaA;' Esc 'jq@au'", "a;\n|b\nc"},
        {"|abc", "'qax@aq@a'", "|"},
    };
    CHECK(cases);
}

static void colon_commands_work_on_lines(void **state)
{
    static const struct {
        const char *before, *command, *after;
    } cases[] = {
        {"|a\nb\nc", "3", "a\nb\n|c"},
        {"|a\n  b", "$", "a\n  |b"},
        {"|aXbX\nX", "s/X/y/", "|aybX\nX"},
        {"|aXbX\nX", "s/X/y/g", "|ayby\nX"},
        {"|aXbX\nX", "%s/X/y/g", "ayby\n|y"},
        {"|aXb\nX\nX", "2,3s/X/y/", "aXb\ny\n|y"},
        {"|ab cd", "s/\\(.\\)b \\(c\\)/\\2\\1&/", "|caab cd"},
        {"|a b", "s/ /\\n/", "|a\nb"},
        {"|a/b", "s#/#-#", "|a-b"},
        {"|a/b", "s/\\//-/", "|a-b"},
        {"|aXx", "s/x/y/g", "|ayy"},
        {"|aXx", "s/X/y/g", "|ayx"},
        {"|abc", "s/x*/-/g", "|-a-b-c-"},
        {"|abc", "s/^/- /", "|- abc"},
        {"|one two", "s/\\<t/T/", "|one Two"},
        {"|a\nb\nc\nd", "2,3d", "a\n|d"},
        {"a\nb\n|c", ".,$d", "a\n|b"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct editor *editor = editor_new(&options);
        struct err err = ERR_NONE;
        bool taken;
        editor_show(editor, cases[i].before);
        assert_true(editor_command(editor, cases[i].command, &taken, &err));
        assert_true(taken);
        assert_string_equal(editor_shown(editor), cases[i].after);
        editor_free(editor);
    }
}

static void colon_commands_take_the_selection_and_say_what_is_wrong(void **state)
{
    (void)state;
    struct editor *editor = editor_new(&options);
    struct err err = ERR_NONE;
    bool taken;
    editor_show(editor, "X|\nX\nX");
    editor_press(editor, "'Vj'");
    assert_true(editor_command(editor, "s/X/y/", &taken, &err));
    assert_string_equal(editor_shown(editor), "y\n|y\nX");
    size_t from, to;
    assert_false(editor_selection(editor, &from, &to));
    editor_press(editor, "u");
    assert_string_equal(editor_shown(editor), "|X\nX\nX");
    assert_false(editor_command(editor, "s/nothing/y/", &taken, &err));
    assert_non_null(strstr(err.text, "nothing"));
    assert_false(editor_command(editor, "s/\\(/y/", &taken, &err));
    assert_non_null(strstr(err.text, "is no pattern"));
    assert_false(editor_command(editor, "s/X/y/q", &taken, &err));
    assert_true(taken);
    assert_true(editor_command(editor, "sort name", &taken, &err));
    assert_false(taken);
    editor_free(editor);
}

static bool takes(struct editor *editor, const char *chord)
{
    struct event event = {.kind = EVENT_KEY};
    assert_true(key_parse(chord, strlen(chord), &event.key));
    return editor_key(editor, &event);
}

static void the_mode_is_said_and_the_consoles_keys_are_left_alone(void **state)
{
    (void)state;
    struct editor *editor = editor_new(&options);
    assert_true(takes(editor, "Esc")); /* nothing happens, as in vi */
    assert_false(takes(editor, ":"));
    assert_false(takes(editor, "Tab"));
    assert_false(takes(editor, "C-p"));
    assert_false(takes(editor, "C-c"));
    editor_press(editor, "'iab'");
    assert_string_equal(editor_note(editor), "-- INSERT --");
    editor_press(editor, "Esc '2d'");
    assert_string_equal(editor_note(editor), "2d");
    assert_true(takes(editor, "Esc"));
    editor_press(editor, "v");
    assert_string_equal(editor_note(editor), "-- VISUAL --");
    size_t from, to;
    assert_true(editor_selection(editor, &from, &to));
    assert_int_equal(from, 1);
    assert_int_equal(to, 2);
    editor_set_text(editor, "x", 1);
    assert_string_equal(editor_note(editor), "");
    assert_false(editor_selection(editor, &from, &to));
    editor_press(editor, "'i'");
    editor_set_keys(editor, EDITOR_PLAIN);
    editor_press(editor, "'y' C-z");
    assert_string_equal(editor_shown(editor), "|x");
    editor_free(editor);
}

static void escape_ends_the_insertion_also_under_a_popup(void **state)
{
    (void)state;
    static const struct editor_case cases[] = {{"|", "'ise' Esc 'x'", "|s"}, {"|", "'ise' Tab Esc", "selec|t"}};
    CHECK(cases);
}

int main(void)
{
    setlocale(LC_ALL, "C.UTF-8");
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(inserting_begins_and_ends_where_vi_says),
        cmocka_unit_test(motions_go_where_vi_goes),
        cmocka_unit_test(searches_move_and_wrap),
        cmocka_unit_test(operators_take_motions),
        cmocka_unit_test(characters_and_lines_are_changed),
        cmocka_unit_test(text_is_yanked_and_put),
        cmocka_unit_test(text_objects_are_what_vim_takes),
        cmocka_unit_test(visual_mode_selects_what_operators_take),
        cmocka_unit_test(undo_takes_back_whole_commands),
        cmocka_unit_test(the_dot_repeats_the_last_change),
        cmocka_unit_test(recorded_keys_play_until_something_fails),
        cmocka_unit_test(colon_commands_work_on_lines),
        cmocka_unit_test(colon_commands_take_the_selection_and_say_what_is_wrong),
        cmocka_unit_test(the_mode_is_said_and_the_consoles_keys_are_left_alone),
        cmocka_unit_test(escape_ends_the_insertion_also_under_a_popup),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
