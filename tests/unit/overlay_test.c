/* Overlays over a make-believe app: what confirms and what never does, forms, menus, and the prompt by readline with
 * its history and inputrc. The app's functions are defined here, so the real one is not linked. */
#include "tui/app.h"
#include "tui/widget/form.h"
#include <ftw.h>
#include <locale.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

enum { STACK = 4 };
struct app {
    struct overlay stack[STACK];
    int depth;
    char said[256];
};
static struct app the_app;

void app_push_overlay(struct app *app, const struct overlay_ops *ops, void *state)
{
    assert_true(app->depth < STACK);
    app->stack[app->depth++] = (struct overlay){.ops = ops, .app = app, .state = state};
}
void app_close_overlay(struct app *app, struct overlay *overlay)
{
    struct overlay closed = *overlay;
    assert_ptr_equal(overlay, &app->stack[app->depth - 1]);
    app->depth--;
    closed.ops->close(&closed);
}
void app_dirty(struct app *app)
{
    (void)app;
}
void app_copy(struct app *app, const char *bytes, size_t len)
{
    snprintf(app->said, sizeof app->said, "%.*s", (int)len, bytes);
}
void app_say(struct app *app, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    vsnprintf(app->said, sizeof app->said, format, args);
    va_end(args);
}

static bool press(const char *chord)
{
    struct event event = {.kind = EVENT_KEY};
    assert_true(the_app.depth > 0);
    assert_true(key_parse(chord, strlen(chord), &event.key));
    struct overlay *top = &the_app.stack[the_app.depth - 1];
    return top->ops->key && top->ops->key(top, &event);
}

static void type(const char *text)
{
    for (; *text; text++)
        press(*text == ' ' ? "Space" : (char[]){*text, '\0'});
}

static void screen(int rows, int cols, struct buf *out)
{
    struct canvas *canvas = canvas_new(rows, cols);
    struct overlay *top = &the_app.stack[the_app.depth - 1];
    top->ops->draw(top, canvas, (struct rect){.rows = rows, .cols = cols});
    buf_clear(out);
    assert_true(canvas_dump(canvas, out));
    canvas_free(canvas);
}

static bool shows(const char *text)
{
    struct buf out = BUF_INIT(1 << 16);
    screen(24, 80, &out);
    bool is_there = strstr(buf_text(&out), text) != NULL;
    buf_done(&out);
    return is_there;
}

static int confirmed, freed;
static void on_confirmed(void *context)
{
    assert_string_equal(context, "context");
    confirmed++;
}
static void on_freed(void *context)
{
    assert_string_equal(context, "context");
    freed++;
}
static void ask(const char *must_type)
{
    confirmed = freed = 0;
    overlay_confirm(&the_app, &(struct confirm_options){.title = "Delete",
                                                        .object = "s3://lake/raw/\x1b[2Ja",
                                                        .consequence = "It is gone.",
                                                        .must_type = must_type,
                                                        .done = on_confirmed,
                                                        .context = "context",
                                                        .free_context = on_freed});
}

static void only_y_confirms(void **state)
{
    (void)state;
    static const char *const never[] = {"Enter", "C-d", "C-k", "Y", "Tab", "Space", "C-j", "M-y", "C-y"};
    ask(NULL);
    for (size_t i = 0; i < sizeof never / sizeof *never; i++)
        press(never[i]);
    assert_int_equal(confirmed, 0);
    assert_true(shows("s3://lake/raw/\\x1b[2Ja"));
    assert_true(shows("It is gone."));
    press("y");
    assert_int_equal(confirmed, 1);
    assert_int_equal(freed, 1);
    assert_int_equal(the_app.depth, 0);
}

static void leaving_changes_nothing_and_frees(void **state)
{
    (void)state;
    static const char *const leaves[] = {"n", "Esc", "C-c"};
    for (size_t i = 0; i < sizeof leaves / sizeof *leaves; i++) {
        ask(NULL);
        press(leaves[i]);
        assert_int_equal(the_app.depth, 0);
        assert_int_equal(confirmed, 0);
        assert_int_equal(freed, 1);
    }
}

static void in_production_the_name_must_be_typed(void **state)
{
    (void)state;
    ask("any.csv");
    assert_true(shows("production: type any.csv"));
    press("y"); /* a letter of the name to be typed, nothing else */
    press("Backspace");
    type("any.cs");
    press("Enter");
    assert_int_equal(confirmed, 0);
    type("v");
    press("Enter");
    press("C-d");
    assert_int_equal(confirmed, 0);
    assert_true(shows("The name matches"));
    press("y");
    assert_int_equal(confirmed, 1);
    ask("any.csv");
    type("n"); /* n is text here, not an answer */
    assert_int_equal(the_app.depth, 1);
    press("Esc");
    assert_int_equal(confirmed, 0);
}

static char accepted[64];
static void on_accepted(struct app *app, void *context, const struct form *form)
{
    (void)app, (void)context;
    snprintf(accepted, sizeof accepted, "%s", form_text(form, "path"));
}

static void a_form_accepts_only_what_is_valid(void **state)
{
    (void)state;
    const struct form_field fields[] = {{.id = "path", .label = "save as", .is_required = true}, {.id = NULL}};
    overlay_form(&the_app, &(struct form_options){
                               .title = "Download", .accept = "downloads", .fields = fields, .done = on_accepted});
    press("Enter");
    assert_true(shows("must not be empty"));
    type("x y");
    press("Enter");
    assert_string_equal(accepted, "x y");
    assert_int_equal(the_app.depth, 0);
}

static int chosen;
static void on_chosen(struct app *app, void *context, int index)
{
    (void)app, (void)context;
    chosen = index;
}

static void a_menu_is_narrowed_by_typing_and_keeps_its_indexes(void **state)
{
    (void)state;
    const char *const lines[] = {"other theme", "quit", "theme", "off theme"};
    const bool is_off[] = {false, false, false, true};
    struct menu_options options = {
        .title = "Palette", .lines = lines, .is_off = is_off, .count = 4, .is_searchable = true, .done = on_chosen};
    chosen = -1;
    overlay_menu(&the_app, &options);
    type("theme");
    assert_true(shows("3 of 4"));
    press("Enter");
    assert_int_equal(chosen, 2); /* what begins with it comes first */
    chosen = -1;
    overlay_menu(&the_app, &options);
    type("off");
    press("Enter");
    assert_int_equal(chosen, -1); /* greyed: cannot be chosen */
    type("zzz");
    assert_true(shows("nothing matches"));
    press("Enter");
    press("Esc");
    assert_int_equal(the_app.depth, 0);
    assert_int_equal(chosen, -1);
}

static char prompted[64], changed[64];
static bool was_cancelled;
static void on_line(struct app *app, void *context, const char *text)
{
    (void)app, (void)context;
    snprintf(prompted, sizeof prompted, "%s", text);
}
static void on_change(struct app *app, void *context, const char *text)
{
    (void)app, (void)context;
    snprintf(changed, sizeof changed, "%s", text);
}
static void on_cancel(struct app *app, void *context)
{
    (void)app, (void)context;
    was_cancelled = true;
}
static char **complete(struct app *app, const char *line, int start, int end)
{
    (void)app, (void)line, (void)start, (void)end;
    char **candidates = calloc(3, sizeof *candidates);
    candidates[0] = strdup("theme");
    candidates[1] = strdup("thesis");
    return candidates;
}
static void prompt(void)
{
    prompted[0] = changed[0] = '\0';
    was_cancelled = false;
    overlay_prompt(&the_app, &(struct prompt_options){.label = ":",
                                                      .history = "test",
                                                      .complete = complete,
                                                      .changed = on_change,
                                                      .done = on_line,
                                                      .cancelled = on_cancel});
}

static void the_prompt_edits_as_readline_does(void **state)
{
    (void)state;
    prompt();
    type("quick brown");
    assert_string_equal(changed, "quick brown");
    press("C-w");
    press("C-a");
    type("a ");
    press("Right");
    press("C-t");
    assert_true(shows(":a uqick"));
    press("Enter");
    assert_string_equal(prompted, "a uqick ");
    assert_int_equal(the_app.depth, 0);
}

static void what_was_typed_before_comes_back_from_a_private_file(void **state)
{
    (void)state;
    char path[4096];
    struct stat info;
    prompt();
    type("first");
    press("Enter");
    prompt();
    press("Up");
    assert_true(shows(":first"));
    press("Enter");
    assert_string_equal(prompted, "first");
    snprintf(path, sizeof path, "%s/weir/history-test", getenv("XDG_STATE_HOME"));
    assert_int_equal(stat(path, &info), 0);
    assert_int_equal(info.st_mode & 0777, 0600);
}

static void completion_extends_and_lists_above_the_line(void **state)
{
    (void)state;
    prompt();
    type("t");
    press("Tab");
    assert_string_equal(changed, "the");
    assert_true(shows("theme  thesis"));
    press("x"); /* the list goes when the line changes */
    assert_false(shows("theme  thesis"));
    press("Esc");
    assert_true(was_cancelled);
    assert_string_equal(prompted, "");
}

static void an_empty_line_and_ctrl_d_leaves(void **state)
{
    (void)state;
    prompt();
    press("C-d");
    assert_true(was_cancelled);
    assert_int_equal(the_app.depth, 0);
    prompt();
    type("x");
    press("C-d"); /* at the end of a line it is nothing */
    press("C-c");
    assert_true(was_cancelled);
    assert_int_equal(the_app.depth, 0);
}

static void inputrc_is_honoured(void **state)
{
    (void)state;
    prompt();
    press("C-o"); /* bound in the inputrc of this test, for weir alone */
    assert_string_equal(changed, "typed by inputrc");
    press("Esc");
}

static void hostile_and_long_lines_stay_on_their_row(void **state)
{
    (void)state;
    struct event paste = {.kind = EVENT_PASTE, .paste = "one\ntwo\x1b[2J", .paste_len = 11};
    struct buf out = BUF_INIT(1 << 16);
    prompt();
    the_app.stack[0].ops->key(&the_app.stack[0], &paste);
    assert_string_equal(changed, "one two[2J");
    for (int i = 0; i < 60; i++)
        press("x");
    screen(3, 20, &out);
    assert_string_equal(buf_text(&out), "\n\n:xxxxxxxxxxxxxxxxxx\n");
    screen(1, 3, &out);
    press("Esc");
    buf_done(&out);
}

static void every_overlay_is_drawn_at_any_size(void **state)
{
    (void)state;
    struct buf out = BUF_INIT(1 << 16);
    const char *const lines[] = {"one", "two"};
    ask("any.csv");
    for (int size = 1; size < 30; size++)
        screen(size / 3 + 1, size, &out);
    press("Esc");
    overlay_menu(&the_app, &(struct menu_options){
                               .title = "Menu", .lines = lines, .count = 2, .done = on_chosen, .is_searchable = true});
    for (int size = 1; size < 30; size++)
        screen(size / 3 + 1, size, &out);
    press("Esc");
    overlay_pager(&the_app, "Pager", "a\nb", 3);
    for (int size = 1; size < 30; size++)
        screen(size / 3 + 1, size, &out);
    app_close_overlay(&the_app, &the_app.stack[0]);
    buf_done(&out);
}

static int remove_entry(const char *path, const struct stat *info, int kind, struct FTW *walk)
{
    (void)info, (void)kind, (void)walk;
    return remove(path);
}

int main(void)
{
    char dir[] = "/tmp/weir-overlay-XXXXXX", path[64];
    setlocale(LC_ALL, "C.UTF-8");
    if (!mkdtemp(dir))
        return 1;
    snprintf(path, sizeof path, "%s/inputrc", dir);
    FILE *inputrc = fopen(path, "w");
    if (!inputrc)
        return 1;
    fputs("$if weir\n\"\\C-o\": \"typed by inputrc\"\n$endif\n", inputrc);
    fclose(inputrc);
    setenv("INPUTRC", path, 1);
    setenv("XDG_STATE_HOME", dir, 1);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(only_y_confirms),
        cmocka_unit_test(leaving_changes_nothing_and_frees),
        cmocka_unit_test(in_production_the_name_must_be_typed),
        cmocka_unit_test(a_form_accepts_only_what_is_valid),
        cmocka_unit_test(a_menu_is_narrowed_by_typing_and_keeps_its_indexes),
        cmocka_unit_test(the_prompt_edits_as_readline_does),
        cmocka_unit_test(what_was_typed_before_comes_back_from_a_private_file),
        cmocka_unit_test(completion_extends_and_lists_above_the_line),
        cmocka_unit_test(an_empty_line_and_ctrl_d_leaves),
        cmocka_unit_test(inputrc_is_honoured),
        cmocka_unit_test(hostile_and_long_lines_stay_on_their_row),
        cmocka_unit_test(every_overlay_is_drawn_at_any_size),
    };
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    nftw(dir, remove_entry, 8, FTW_DEPTH | FTW_PHYS);
    return failed;
}
