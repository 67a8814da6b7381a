/* Themes: roles inherit from a parent, a text file gives each role colours and attributes, and the RGB of a theme is
 * mapped down to what the terminal has. One X row per role: id, parent, meaning. Loading is at start or on :theme; UI
 * thread. */
#ifndef WEIR_TUI_THEME_H
#define WEIR_TUI_THEME_H
#include "backend/base/err.h"
#include <stdbool.h>
#include <stdint.h>

/* X(role, parent, what it colours) - the first has itself as parent */
#define THEME_ROLES(X)                                                                                                 \
    X(text, text, "ordinary text: the figures themselves")                                                             \
    X(dim, text, "everything that is not a figure")                                                                    \
    X(strong, text, "names that matter")                                                                               \
    X(label, dim, "column headers and field names")                                                                    \
    X(accent, strong, "focus, keys, bars")                                                                             \
    X(title, strong, "titles of panes")                                                                                \
    X(border, dim, "frames")                                                                                           \
    X(border_focus, accent, "the frame in focus")                                                                      \
    X(header, text, "the header line")                                                                                 \
    X(logo, accent, "the program's name")                                                                              \
    X(tab, header, "a pane's tab")                                                                                     \
    X(tab_focus, accent, "the tab in focus")                                                                           \
    X(prod, fail, "the word PROD")                                                                                     \
    X(footer, dim, "the footer line")                                                                                  \
    X(key, accent, "a key in the footer and in help")                                                                  \
    X(disabled, dim, "what is not possible now")                                                                       \
    X(cursor, text, "the row under the cursor")                                                                        \
    X(cursor_idle, cursor, "that row when the pane has no focus")                                                      \
    X(mark, accent, "marked rows")                                                                                     \
    X(match, accent, "what the filter matched")                                                                        \
    X(ok, text, "state: good")                                                                                         \
    X(warn, text, "state: look")                                                                                       \
    X(fail, text, "state: bad")                                                                                        \
    X(running, accent, "state: working")                                                                               \
    X(queued, dim, "state: waiting")                                                                                   \
    X(unknown, dim, "state: not known")                                                                                \
    X(stale, dim, "figures that are old")                                                                              \
    X(bar, accent, "bars and sparklines")                                                                              \
    X(dialog, text, "dialogs and menus")                                                                               \
    X(dialog_border, border_focus, "their frame")                                                                      \
    X(danger, fail, "dialogs that change the platform")                                                                \
    X(input, text, "text being typed")                                                                                 \
    X(error, fail, "error texts")                                                                                      \
    X(remedy, dim, "what to do about them")                                                                            \
    X(hostile, dim, "stand-ins for bytes that must not reach a terminal")                                              \
    X(number, accent, "numbers in code")                                                                               \
    X(keyword, accent, "keywords in code")                                                                             \
    X(function, text, "functions in code")                                                                             \
    X(string, ok, "strings in code")                                                                                   \
    X(comment, dim, "comments in code")                                                                                \
    X(selection, cursor, "selected text")                                                                              \
    X(found, cursor, "the match that a search stands on")                                                              \
    X(bracket, match, "the bracket at the cursor and its mate")                                                        \
    X(line_number, dim, "numbers of lines")                                                                            \
    X(line_here, text, "the number of the cursor's line")                                                              \
    X(popup, cursor_idle, "completions")                                                                               \
    X(popup_detail, popup, "what kind of thing a completion is")                                                       \
    X(popup_cursor, cursor, "the completion chosen")
enum theme_role {
#define X(role, parent, help) ROLE_##role,
    THEME_ROLES(X)
#undef X
        ROLE_COUNT
};

enum { COLOR_DEFAULT = -1, COLOR_INHERIT = -2 }; /* else 0..15 named, 16..255 palette, or 0x1000000 | 0xRRGGBB */
enum { ATTR_BOLD = 1, ATTR_DIM = 2, ATTR_UNDERLINE = 4, ATTR_REVERSE = 8, ATTR_ITALIC = 16 };
struct style {
    int32_t fg, bg;
    unsigned attrs;
};
enum { THEME_NAME = 64 };
struct theme {
    char name[THEME_NAME];
    struct style styles[ROLE_COUNT]; /* resolved: no COLOR_INHERIT left */
};
/* Parses a theme's text. '#' begins a comment line; any other line is
 *     role = FG [BG [ATTRIBUTES]]
 * FG and BG: default, inherit (or -), one of the 16 names (black red green yellow blue magenta cyan white, the same
 * with bright-, and grey for bright-black), 0-255, or #rrggbb. ATTRIBUTES: plain bold dim underline reverse italic;
 * those given replace the parent's, none given inherits them. Unknown role, value or attribute, and a role given twice:
 * ERR_CONFIG "where:line: ...", and *theme is as it was. */
bool theme_parse(struct theme *theme, const char *where, const char *text, struct err *err);
/* By name: $XDG_CONFIG_HOME/weir/themes/NAME.theme, else the shipped one; the error names the known ones. */
bool theme_load(struct theme *theme, const char *name, struct err *err);
/* Names of all themes, the shipped ones and then the user's own; returns the count. */
int theme_names(char names[][THEME_NAME], int max);
const char *theme_role_name(enum theme_role role);
/* What a terminal can show. */
enum theme_depth { DEPTH_MONO, DEPTH_8, DEPTH_16, DEPTH_256, DEPTH_RGB };
/* Maps a colour down: COLOR_DEFAULT stays; DEPTH_256 nearest of cube and greys, DEPTH_16 nearest of the names, DEPTH_8
 * the same without bright-. DEPTH_RGB: the eight plain names stay, all others become RGB (a terminal of direct colours
 * reaches no others). MONO: COLOR_DEFAULT. */
int32_t theme_map_color(int32_t color, enum theme_depth depth);
/* Maps a style: the colours as above; DEPTH_8 shows a bright foreground as bold; MONO shows a background of its own as
 * reverse. */
struct style theme_map_style(struct style style, enum theme_depth depth);
#endif
