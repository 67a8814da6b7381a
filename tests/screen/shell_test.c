/* The console's shell on a terminal, whatever its backend does: here a server that accepts and never answers. What a
 * user sees and types, sizes, signals, and the terminal that is left behind. */
#include "tests/lib/daemon.h"
#include "tests/lib/screen.h"
#include "tests/lib/testserver.h"
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#include <cmocka.h>

enum { FOCUS_MODE = 1004, PASTE_MODE = 2004, MOUSE_MODE = 1000, SGR_MODE = 1006, ARGUMENTS = 16 };

struct world {
    struct tempdir dir;
    struct testserver *silent;
    char endpoint[128];
};

static bool never_answers(struct testserver *server, const struct test_request *req, int fd, void *context)
{
    (void)req;
    (void)context;
    return testserver_hang(server, fd);
}

static int set_up(void **state)
{
    struct world *world = calloc(1, sizeof *world);
    screen_home(&world->dir);
    setenv("AWS_SHARED_CREDENTIALS_FILE",
           tempdir_write(&world->dir, "credentials", "[test]\naws_access_key_id = a\naws_secret_access_key = b\n"), 1);
    world->silent = testserver_start(never_answers, NULL);
    snprintf(world->endpoint, sizeof world->endpoint, "%s", testserver_url(world->silent, ""));
    *state = world;
    return 0;
}

static int tear_down(void **state)
{
    struct world *world = *state;
    testserver_stop(world->silent);
    tempdir_remove(&world->dir);
    free(world);
    return 0;
}

struct start {
    int rows, cols;
    const char *term;
    const char *const *env, *const *more; /* more flags */
};

static struct vt *start_with(void **state, const struct start *start)
{
    struct world *world = *state;
    const char *argv[ARGUMENTS] = {daemon_program("weir"),
                                   "--profile",
                                   "test",
                                   "--endpoint",
                                   world->endpoint,
                                   "--region",
                                   "us-east-1",
                                   "--bucket",
                                   "lake"};
    int count = 9;
    for (const char *const *more = start->more; more && *more && count < ARGUMENTS - 1; more++)
        argv[count++] = *more;
    return vt_start(&(struct vt_options){.rows = start->rows ? start->rows : 30,
                                         .cols = start->cols ? start->cols : 120,
                                         .argv = argv,
                                         .term = start->term,
                                         .env = start->env});
}

static struct vt *start(void **state)
{
    struct vt *vt = start_with(state, &(struct start){.rows = 0});
    assert_true(vt_wait(vt, "1 Zones"));
    return vt;
}

static void the_first_frame_needs_no_network(void **state)
{
    struct vt *vt = start(state);
    assert_true(vt_wait(vt, " weir "));
    assert_true(vt_shows(vt, "test"));
    assert_true(vt_shows(vt, "us-east-1"));
    assert_true(vt_wait(vt, "Zones"));
    assert_true(vt_wait(vt, "? help"));
    assert_int_equal(vt_look(vt, " weir ").bg, 12);
    assert_true(vt_wait_mode(vt, PASTE_MODE));
    assert_false(vt_mode(vt, MOUSE_MODE)); /* the terminal's own selection stays */
    screen_leave(vt);
}

static void help_is_made_of_the_keymap_in_force(void **state)
{
    struct vt *vt = start(state);
    vt_type(vt, "?");
    assert_true(vt_wait(vt, "move down one row"));
    vt_key(vt, "Esc");
    assert_true(vt_wait_gone(vt, "move down one row"));
    screen_leave(vt);
}

static void esc_never_leaves_and_q_asks(void **state)
{
    struct vt *vt = start(state);
    for (int i = 0; i < 3; i++)
        vt_type(vt, SCREEN_ESC);
    vt_type(vt, "?");
    assert_true(vt_wait(vt, "move down one row"));
    vt_key(vt, "Esc");
    assert_true(vt_wait_gone(vt, "move down one row"));
    vt_type(vt, "q");
    assert_true(vt_wait(vt, "Leave weir"));
    vt_type(vt, "n");
    assert_true(vt_wait_gone(vt, "Leave weir"));
    vt_type(vt, "q");
    assert_true(vt_wait(vt, "Leave weir"));
    vt_type(vt, "y");
    int status;
    assert_true(vt_wait_exit(vt, &status));
    assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
    vt_end(vt);
}

static void ctrl_c_twice_leaves(void **state)
{
    struct vt *vt = start(state);
    vt_key(vt, "C-c");
    assert_true(vt_wait(vt, "Ctrl-c again leaves"));
    vt_key(vt, "C-c");
    int status;
    assert_true(vt_wait_exit(vt, &status));
    assert_true(WIFEXITED(status));
    assert_true(vt_is_restored(vt));
    vt_end(vt);
}

static void unknown_commands_name_the_nearest(void **state)
{
    struct vt *vt = start(state);
    vt_type(vt, ":refesh\r");
    assert_true(vt_wait(vt, "did you mean refresh?"));
    vt_type(vt, ":theme nowhere\r");
    assert_true(vt_wait(vt, "known: "));
    screen_leave(vt);
}

static void commands_are_names_of_actions_and_panes(void **state)
{
    struct vt *vt = start(state);
    vt_type(vt, ":permissions\r");
    assert_true(vt_wait(vt, "s3:ListBucket"));
    vt_type(vt, SCREEN_ESC);
    assert_true(vt_wait_gone(vt, "s3:ListBucket"));
    vt_type(vt, ":set mouse on\r");
    assert_true(vt_wait(vt, "mouse on"));
    vt_type(vt, ":set nothing 1\r");
    assert_true(vt_wait(vt, "set knows theme"));
    vt_type(vt, ":zones raw\r");
    assert_true(vt_wait(vt, "/raw"));
    vt_type(vt, ":the\t"); /* completed by readline */
    assert_true(vt_wait(vt, ":theme"));
    vt_type(vt, SCREEN_ESC);
    screen_leave(vt);
}

static void themes_change_at_once(void **state)
{
    struct vt *vt = start(state);
    assert_int_equal(vt_look(vt, " weir ").bg, 12);
    vt_type(vt, ":theme mono\r");
    assert_true(vt_wait(vt, "theme mono"));
    struct vt_look look = vt_look(vt, " weir ");
    assert_int_equal(look.bg, -1);
    assert_true(look.reverse);
    screen_leave(vt);
}

static void a_pasted_newline_is_not_enter(void **state)
{
    struct vt *vt = start(state);
    vt_type(vt, ":");
    assert_true(vt_wait_frames(vt, 1));
    vt_type(vt, "\033[200~q\rx\033[201~");
    assert_true(vt_wait(vt, "x"));
    vt_type(vt, SCREEN_ESC);
    vt_type(vt, "?");
    assert_true(vt_wait(vt, "move down one row")); /* still here: q was not run */
    vt_key(vt, "Esc");
    assert_true(vt_wait_gone(vt, "move down one row"));
    screen_leave(vt);
}

static void the_mouse_is_one_key(void **state)
{
    struct vt *vt = start(state);
    vt_type(vt, "%");
    assert_true(vt_wait(vt, "mouse on"));
    assert_true(vt_mode(vt, MOUSE_MODE));
    assert_true(vt_mode(vt, SGR_MODE));
    vt_type(vt, "\033[<0;3;3M\033[<0;3;3m\033[<64;3;3M");
    vt_type(vt, ":q\r");
    int status;
    assert_true(vt_wait_exit(vt, &status));
    assert_false(vt_mode(vt, MOUSE_MODE));
    assert_false(vt_mode(vt, SGR_MODE));
    vt_end(vt);
}

static void sizes_from_one_cell_to_large(void **state)
{
    struct vt *vt = start(state);
    static const struct {
        int rows, cols;
    } sizes[] = {{.rows = 1, .cols = 1},  {.rows = 2, .cols = 3},    {.rows = 1, .cols = 200}, {.rows = 90, .cols = 1},
                 {.rows = 3, .cols = 10}, {.rows = 60, .cols = 250}, {.rows = 5, .cols = 20}};
    for (int round = 0; round < 8; round++)
        for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++)
            vt_resize(vt, sizes[i].rows, sizes[i].cols);
    vt_resize(vt, 1, 1);
    vt_type(vt, "?");
    vt_type(vt, SCREEN_ESC);
    vt_resize(vt, 15, 60);
    assert_true(vt_wait(vt, "1 Zones"));
    vt_resize(vt, 24, 80);
    assert_true(vt_wait(vt, "? help"));
    screen_leave(vt);
}

/* The terminal after the program was ended by a signal. */
static void end_by(void **state, int number, bool expect_signal)
{
    struct vt *vt = start(state);
    int status;
    vt_signal(vt, number);
    assert_true(vt_wait_exit(vt, &status));
    if (expect_signal)
        assert_true(WIFSIGNALED(status) && WTERMSIG(status) == number);
    else
        assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 128 + number);
    assert_true(vt_is_plain(vt));
    assert_true(vt_is_restored(vt));
    assert_false(vt_mode(vt, PASTE_MODE));
    assert_false(vt_mode(vt, FOCUS_MODE));
    vt_end(vt);
}

static void signals_end_it_cleanly(void **state)
{
    static const int numbers[] = {SIGTERM, SIGHUP, SIGINT, SIGQUIT};
    for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++)
        end_by(state, numbers[i], false);
}

static void crashes_leave_a_clean_terminal(void **state)
{
#ifdef __SANITIZE_ADDRESS__
    skip(); /* the sanitizer has its own handlers */
#endif
    static const int numbers[] = {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT};
    for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++)
        end_by(state, numbers[i], true);
}

static void a_closed_terminal_ends_it(void **state)
{
    static const char *const env[] = {"WEIR=1", NULL};
    struct vt *vt = start_with(state, &(struct start){.env = env});
    assert_true(vt_wait(vt, "1 Zones"));
    int status = vt_hang_up(vt);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 128 + SIGHUP);
}

static void suspending_needs_a_shell(void **state)
{
    struct vt *vt = start(state);
    vt_key(vt, "C-z"); /* it is the session's leader: nobody could continue it */
    assert_true(vt_wait(vt, "no shell"));
    screen_leave(vt);
}

static void suspending_gives_the_terminal_back_and_takes_it_again(void **state)
{
    struct world *world = *state;
    char command[1024];
    snprintf(command, sizeof command,
             "set -m; %s --profile test --region us-east-1 --bucket lake --endpoint %s; echo STOP''PED; read x; fg; "
             "echo LE''FT",
             daemon_program("weir"), world->endpoint);
    const char *argv[] = {"bash", "-c", command, NULL};
    struct vt *vt = vt_start(&(struct vt_options){.rows = 30, .cols = 120, .argv = argv});
    assert_true(vt_wait(vt, "? help"));
    vt_key(vt, "C-z");
    assert_true(vt_wait(vt, "STOPPED"));
    assert_true(vt_is_plain(vt));
    assert_false(vt_mode(vt, PASTE_MODE));
    vt_type(vt, "\r");
    assert_true(vt_wait_mode(vt, PASTE_MODE));
    assert_true(vt_wait(vt, "? help"));
    vt_type(vt, "?");
    assert_true(vt_wait(vt, "move down one row"));
    vt_key(vt, "Esc");
    assert_true(vt_wait_gone(vt, "move down one row"));
    vt_type(vt, ":q\r");
    assert_true(vt_wait(vt, "LEFT"));
    vt_end(vt);
}

static void without_colours_attributes_carry_on(void **state)
{
    static const char *const env[] = {"NO_COLOR=1", NULL};
    struct vt *vt = start_with(state, &(struct start){.env = env});
    assert_true(vt_wait(vt, "? help"));
    struct vt_look look = vt_look(vt, " weir ");
    assert_int_equal(look.bg, -1);
    assert_int_equal(look.fg, -1);
    assert_true(look.reverse);
    screen_leave(vt);
}

static void old_terminals_work(void **state)
{
    static const char *const terms[] = {"vt100", "linux", "xterm", "screen", "xterm-direct2"};
    for (size_t i = 0; i < sizeof terms / sizeof terms[0]; i++) {
        struct vt *vt = start_with(state, &(struct start){.term = terms[i]});
        assert_true(vt_wait(vt, "? help"));
        vt_type(vt, ":q\r");
        int status;
        assert_true(vt_wait_exit(vt, &status));
        assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
        assert_true(vt_is_restored(vt));
        vt_end(vt);
    }
}

static void ascii_where_there_is_no_unicode(void **state)
{
    static const char *const env[] = {"LC_ALL=C", NULL};
    static const char *const flags[] = {"--no-unicode", NULL};
    const struct start ways[] = {{.env = env}, {.more = flags}};
    for (size_t i = 0; i < sizeof ways / sizeof ways[0]; i++) {
        struct vt *vt = start_with(state, &ways[i]);
        assert_true(vt_wait(vt, "? help"));
        assert_true(vt_shows(vt, "+-"));
        assert_false(vt_shows(vt, "─"));
        screen_leave(vt);
    }
}

static void plain_has_words_and_no_frames(void **state)
{
    static const char *const flags[] = {"--plain", NULL};
    struct vt *vt = start_with(state, &(struct start){.more = flags});
    assert_true(vt_wait(vt, "1 Zones"));
    assert_true(vt_wait(vt, "? help"));
    assert_false(vt_shows(vt, "─"));
    assert_false(vt_shows(vt, "│"));
    screen_leave(vt);
}

static void expect_refusal(void **state, const char *term, const char *says)
{
    struct vt *vt = start_with(state, &(struct start){.term = term});
    int status;
    assert_true(vt_wait_exit(vt, &status));
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 2);
    assert_true(vt_shows(vt, says));
    assert_true(vt_is_restored(vt));
    vt_end(vt);
}

static void a_terminal_that_cannot_is_told_so(void **state)
{
    expect_refusal(state, "dumb", "cannot place its cursor");
    expect_refusal(state, "no-such-terminal", "not known here");
}

static void keymaps_change_at_once(void **state)
{
    struct vt *vt = start(state);
    vt_type(vt, ":keymap emacs\r");
    assert_true(vt_wait(vt, "keymap emacs"));
    vt_type(vt, "\030\003"); /* C-x C-c */
    int status;
    assert_true(vt_wait_exit(vt, &status));
    assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
    vt_end(vt);
}

static void wrong_files_are_named_before_the_screen_is_taken(void **state)
{
    struct world *world = *state;
    tempdir_write(&world->dir, "weir/keys.keys", "list j = donw\n");
    struct vt *vt = start_with(state, &(struct start){.rows = 0});
    int status;
    assert_true(vt_wait_exit(vt, &status));
    assert_int_equal(WEXITSTATUS(status), 2);
    assert_true(vt_shows(vt, "keys.keys:1: there is no action"));
    vt_end(vt);
    tempdir_write(&world->dir, "weir/keys.keys", "");
}

static void a_wrong_theme_is_told_before_the_screen_is_taken(void **state)
{
    static const char *const flags[] = {"--theme", "nosuch", NULL};
    struct vt *vt = start_with(state, &(struct start){.more = flags});
    int status;
    assert_true(vt_wait(vt, "there is no theme \"nosuch\"")); /* on the main screen: the other one keeps nothing */
    assert_true(vt_wait_exit(vt, &status));
    assert_int_equal(WEXITSTATUS(status), 2);
    assert_int_equal(vt_frames(vt), 0);
    assert_false(vt_shows(vt, "1 Zones"));
    vt_end(vt);
}

static void the_flags_are_in_the_header(void **state)
{
    static const char *const flags[] = {"--readonly", "--production", NULL};
    struct vt *vt = start_with(state, &(struct start){.more = flags});
    assert_true(vt_wait(vt, " PROD "));
    assert_true(vt_wait(vt, " ro "));
    vt_type(vt, "=");
    assert_true(vt_wait(vt, "paused"));
    assert_int_equal(vt_look(vt, "PROD").bg, 1);
    screen_leave(vt);
}

static void weir_keys_shows_what_the_terminal_sends(void **state)
{
    (void)state;
    const char *argv[] = {daemon_program("weir"), "keys", NULL};
    struct vt *vt = vt_start(&(struct vt_options){.rows = 24, .cols = 100, .argv = argv});
    assert_true(vt_wait(vt, "press keys"));
    vt_key(vt, "Down");
    assert_true(vt_wait(vt, "Down         bytes 1b 4f 42  list: down"));
    vt_type(vt, "g");
    assert_true(vt_wait(vt, "list: begins more"));
    vt_key(vt, "C-c");
    int status;
    assert_true(vt_wait_exit(vt, &status));
    assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
    assert_true(vt_is_restored(vt));
    vt_end(vt);
}

static pid_t child_of(pid_t pid)
{
    char path[64];
    int child = 0;
    snprintf(path, sizeof path, "/proc/%d/task/%d/children", (int)pid, (int)pid);
    FILE *file = fopen(path, "r");
    assert_non_null(file);
    assert_int_equal(fscanf(file, "%d", &child), 1);
    fclose(file);
    return child;
}

static void stopped_from_outside_it_takes_its_modes_again(void **state)
{
    struct world *world = *state;
    char command[1024];
    snprintf(
        command, sizeof command,
        "set -m; %s --profile test --region us-east-1 --bucket lake --endpoint %s; stty sane; echo HAL''TED; read x; "
        "fg; echo LE''FT",
        daemon_program("weir"), world->endpoint);
    const char *argv[] = {"bash", "-c", command, NULL};
    struct vt *vt = vt_start(&(struct vt_options){.rows = 30, .cols = 120, .argv = argv});
    assert_true(vt_wait(vt, "? help"));
    kill(child_of(vt_pid(vt)), SIGSTOP);
    assert_true(vt_wait(vt, "HALTED"));
    vt_type(vt, "\r");
    vt_type(vt, "?");
    assert_true(vt_wait(vt, "move down one row")); /* raw again: no Enter was needed */
    vt_type(vt, SCREEN_ESC);
    assert_true(vt_wait_gone(vt, "move down one row"));
    vt_type(vt, ":q\r");
    assert_true(vt_wait(vt, "LEFT"));
    vt_end(vt);
}

static void random_input_does_no_harm(void **state)
{
    struct vt *vt = start(state);
    uint32_t seed = 42;
    for (int i = 0; i < 400; i++) {
        char bytes[17];
        for (size_t k = 0; k < sizeof bytes - 1; k++) {
            seed = seed * 1664525u + 1013904223u;
            bytes[k] = (char)(seed >> 24);
            /* what would end or stop it on purpose */
            if (!bytes[k] || strchr("\003\032\034qyZ:e", bytes[k]))
                bytes[k] = 'j';
        }
        bytes[sizeof bytes - 1] = '\0';
        vt_type(vt, bytes);
        vt_shows(vt, "x");
    }
    vt_type(vt, "\033[201~");
    int status;
    vt_signal(vt, SIGTERM);
    assert_true(vt_wait_exit(vt, &status));
    assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 128 + SIGTERM);
    assert_true(vt_is_restored(vt));
    vt_end(vt);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_first_frame_needs_no_network),
        cmocka_unit_test(help_is_made_of_the_keymap_in_force),
        cmocka_unit_test(esc_never_leaves_and_q_asks),
        cmocka_unit_test(ctrl_c_twice_leaves),
        cmocka_unit_test(unknown_commands_name_the_nearest),
        cmocka_unit_test(commands_are_names_of_actions_and_panes),
        cmocka_unit_test(themes_change_at_once),
        cmocka_unit_test(a_pasted_newline_is_not_enter),
        cmocka_unit_test(the_mouse_is_one_key),
        cmocka_unit_test(sizes_from_one_cell_to_large),
        cmocka_unit_test(signals_end_it_cleanly),
        cmocka_unit_test(crashes_leave_a_clean_terminal),
        cmocka_unit_test(a_closed_terminal_ends_it),
        cmocka_unit_test(suspending_needs_a_shell),
        cmocka_unit_test(suspending_gives_the_terminal_back_and_takes_it_again),
        cmocka_unit_test(without_colours_attributes_carry_on),
        cmocka_unit_test(old_terminals_work),
        cmocka_unit_test(ascii_where_there_is_no_unicode),
        cmocka_unit_test(plain_has_words_and_no_frames),
        cmocka_unit_test(a_terminal_that_cannot_is_told_so),
        cmocka_unit_test(keymaps_change_at_once),
        cmocka_unit_test(wrong_files_are_named_before_the_screen_is_taken),
        cmocka_unit_test(a_wrong_theme_is_told_before_the_screen_is_taken),
        cmocka_unit_test(the_flags_are_in_the_header),
        cmocka_unit_test(weir_keys_shows_what_the_terminal_sends),
        cmocka_unit_test(stopped_from_outside_it_takes_its_modes_again),
        cmocka_unit_test(random_input_does_no_harm),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
