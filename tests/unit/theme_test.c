/* Themes: what a file may say, how roles inherit, how colours come down to what a terminal has. */
#include "backend/base/path.h"
#include "tui/theme.h"
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void roles_inherit_colours_and_attributes(void **state)
{
    (void)state;
    struct theme theme;
    struct err err;
    const char *text = "# comment\n\ntext = white #101010\naccent = bright-blue inherit bold\n"
                       "border_focus = - 17 plain\nkey = 200\n";
    assert_true(theme_parse(&theme, "t", text, &err));
    assert_int_equal(theme.styles[ROLE_text].fg, 7);
    assert_int_equal(theme.styles[ROLE_text].bg, 0x1101010);
    assert_int_equal(theme.styles[ROLE_bar].fg, 12);
    assert_int_equal(theme.styles[ROLE_bar].bg, 0x1101010);
    assert_int_equal(theme.styles[ROLE_bar].attrs, ATTR_BOLD);
    assert_int_equal(theme.styles[ROLE_border_focus].fg, 12);
    assert_int_equal(theme.styles[ROLE_border_focus].bg, 17);
    assert_int_equal(theme.styles[ROLE_border_focus].attrs, 0);
    assert_int_equal(theme.styles[ROLE_key].attrs, ATTR_BOLD);
}

static void expect_error(const char *text, const char *says)
{
    struct theme theme = {.styles[ROLE_text] = {.fg = 3}};
    struct err err = ERR_NONE;
    assert_false(theme_parse(&theme, "my.theme", text, &err));
    assert_int_equal(err.code, ERR_CONFIG);
    if (!strstr(err.text, says))
        fail_msg("\"%s\" does not say \"%s\"", err.text, says);
    assert_int_equal(theme.styles[ROLE_text].fg, 3); /* untouched */
}

static void mistakes_name_file_line_and_what_is_allowed(void **state)
{
    (void)state;
    expect_error("text = red\nnonsense = blue\n", "my.theme:2: there is no role \"nonsense\"");
    expect_error("text = purple\n", "my.theme:1: \"purple\" is no colour");
    expect_error("text = red blue wavy\n", "my.theme:1: \"wavy\" is no attribute");
    expect_error("text = #12345\n", "no colour");
    expect_error("text = 256\n", "no colour");
    expect_error("text red\n", "my.theme:1: expected");
    expect_error("text = red\ntext = blue\n", "my.theme:2: role text was already set in line 1");
}

static void colours_come_down_to_the_terminal(void **state)
{
    (void)state;
    assert_int_equal(theme_map_color(COLOR_DEFAULT, DEPTH_RGB), COLOR_DEFAULT);
    assert_int_equal(theme_map_color(0x1ff0000, DEPTH_MONO), COLOR_DEFAULT);
    assert_int_equal(theme_map_color(0x1ff0000, DEPTH_256), 196);
    assert_int_equal(theme_map_color(0x1808080, DEPTH_256), 244);
    assert_int_equal(theme_map_color(0x18690a5, DEPTH_256), 246); /* a bluish grey stays grey */
    assert_int_equal(theme_map_color(0x1ff0000, DEPTH_16), 9);
    assert_int_equal(theme_map_color(0x1ff0000, DEPTH_8), 1);
    assert_int_equal(theme_map_color(0x1808080, DEPTH_16), 8);
    assert_int_equal(theme_map_color(12, DEPTH_256), 12);
    assert_int_equal(theme_map_color(12, DEPTH_8), 4);
    assert_int_equal(theme_map_color(208, DEPTH_RGB), 0x1ff8700);
    assert_int_equal(theme_map_color(5, DEPTH_RGB), 5);
}

static void few_colours_use_attributes_instead(void **state)
{
    (void)state;
    struct style grey = {.fg = 8, .bg = COLOR_DEFAULT}, bar = {.fg = 0, .bg = 7};
    assert_true(theme_map_style(grey, DEPTH_8).attrs & ATTR_BOLD);
    assert_false(theme_map_style(grey, DEPTH_16).attrs & ATTR_BOLD);
    assert_true(theme_map_style(bar, DEPTH_MONO).attrs & ATTR_REVERSE);
    assert_int_equal(theme_map_style(bar, DEPTH_MONO).bg, COLOR_DEFAULT);
}

static void every_shipped_theme_loads(void **state)
{
    (void)state;
    char names[64][THEME_NAME];
    int n = theme_names(names, 64);
    assert_true(n >= 10);
    for (int i = 0; i < n; i++) {
        struct theme theme;
        struct err err = ERR_NONE;
        if (!theme_load(&theme, names[i], &err))
            fail_msg("%s: %s", names[i], err.text);
        assert_string_equal(theme.name, names[i]);
    }
}

static void an_unknown_name_lists_the_known_ones(void **state)
{
    (void)state;
    struct theme theme;
    struct err err = ERR_NONE;
    assert_false(theme_load(&theme, "no-such", &err));
    assert_non_null(strstr(err.text, "solarized-dark"));
    assert_false(theme_load(&theme, "../default", &err));
    assert_int_equal(err.code, ERR_CONFIG);
}

static int isolate(void **state)
{
    static char dir[] = "/tmp/weir-theme-XXXXXX";
    *state = mkdtemp(dir);
    return *state && !setenv("XDG_CONFIG_HOME", dir, 1) ? 0 : -1;
}

static int clean(void **state)
{
    return path_remove_tree(*state, NULL) ? 0 : -1;
}

static void the_users_own_file_comes_first(void **state)
{
    char path[256];
    struct theme theme;
    struct err err = ERR_NONE;
    snprintf(path, sizeof path, "%s/weir/themes", (const char *)*state);
    assert_true(path_make_dirs(path, 0700, &err));
    strcat(path, "/nord.theme");
    assert_true(path_write_atomic(path, "text = 99\n", 10, 0600, &err));
    assert_true(theme_load(&theme, "nord", &err));
    assert_int_equal(theme.styles[ROLE_text].fg, 99);
}

/* WCAG 2.1, relative luminance and contrast ratio. */
static double luminance(int32_t color)
{
    double sum = 0;
    const double weights[] = {0.2126, 0.7152, 0.0722};
    for (int i = 0; i < 3; i++) {
        double part = (color >> (16 - 8 * i) & 0xff) / 255.0;
        sum += weights[i] * (part <= 0.03928 ? part / 12.92 : pow((part + 0.055) / 1.055, 2.4));
    }
    return sum;
}

/* xterm's palette above the 16 names: a 6x6x6 cube, then 24 greys. */
static int32_t rgb_of_palette(int32_t index)
{
    static const int32_t steps[] = {0, 95, 135, 175, 215, 255};
    if (index >= 232)
        return (8 + (index - 232) * 10) * 0x10101;
    index -= 16;
    return steps[index / 36] << 16 | steps[index / 6 % 6] << 8 | steps[index % 6];
}

static double contrast(int32_t fg, int32_t bg)
{
    double a = luminance(fg) + 0.05, b = luminance(bg) + 0.05;
    return a > b ? a / b : b / a;
}

static void expect_legible(const char *name, const struct theme *theme, enum theme_role role, double least)
{
    const struct style *style = &theme->styles[role];
    if (style->fg < 0x1000000 || style->bg < 0x1000000)
        return; /* the terminal's own colours: its user chose them */
    double direct = contrast(style->fg & 0xffffff, style->bg & 0xffffff);
    double mapped = contrast(rgb_of_palette(theme_map_color(style->fg, DEPTH_256)),
                             rgb_of_palette(theme_map_color(style->bg, DEPTH_256)));
    if (direct < least || mapped < least)
        fail_msg("theme %s: %s has a contrast of %.1f, of 256 colours %.1f", name, theme_role_name(role), direct,
                 mapped);
}

/* WCAG 2.1, AA: 4.5 for text; frames and what is not possible now need less. */
static void shipped_themes_keep_everything_legible(void **state)
{
    (void)state;
    char names[32][THEME_NAME];
    int count = theme_names(names, 32);
    for (int i = 0; i < count; i++) {
        struct theme theme;
        struct err err;
        assert_true(theme_load(&theme, names[i], &err));
        for (int role = 0; role < ROLE_COUNT; role++) {
            bool is_frame = role == ROLE_border || role == ROLE_disabled;
            bool is_sign = role == ROLE_prod || role == ROLE_logo; /* bold, on a ground of their own */
            expect_legible(names[i], &theme, (enum theme_role)role, is_frame ? 1.5 : is_sign ? 3.0 : 4.5);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(roles_inherit_colours_and_attributes),
        cmocka_unit_test(mistakes_name_file_line_and_what_is_allowed),
        cmocka_unit_test(colours_come_down_to_the_terminal),
        cmocka_unit_test(few_colours_use_attributes_instead),
        cmocka_unit_test(every_shipped_theme_loads),
        cmocka_unit_test(shipped_themes_keep_everything_legible),
        cmocka_unit_test(an_unknown_name_lists_the_known_ones),
        cmocka_unit_test(the_users_own_file_comes_first),
    };
    return cmocka_run_group_tests(tests, isolate, clean);
}
