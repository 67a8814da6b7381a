/* From canvas to terminal: cells that differ from the last frame go to curses, which finds the cheapest way to the
 * screen; a frame is bracketed by synchronized output (mode 2026), so that no half of it is seen. Also colours: roles
 * become pairs that this terminal has. UI thread. */
#include "tui/screen_private.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <wchar.h>
/* curses last: it defines macros with common names */
#define NCURSES_NOMACROS 1
#include <curses.h>
#include <term.h>

enum { CELLS_MAX = 1 << 24 };
#define FRAME_ON  "\033[?2026h"
#define FRAME_OFF "\033[?2026l"

/* TERM decides; COLORTERM is not looked at, since the sequences are terminfo's. */
static enum theme_depth find_depth(bool color)
{
    if (!color || !has_colors() || start_color() == ERR)
        return DEPTH_MONO;
    use_default_colors();
    if (tigetflag("RGB") > 0)
        return DEPTH_RGB;
    return COLORS >= 256 ? DEPTH_256 : COLORS >= 16 ? DEPTH_16 : COLORS >= 8 ? DEPTH_8 : DEPTH_MONO;
}

void screen_paint_start(struct screen *screen, bool color)
{
    screen->depth = find_depth(color);
    screen->is_whole = true;
}

enum theme_depth screen_depth(const struct screen *screen)
{
    return screen->depth;
}

/* A colour as curses numbers it. With direct colours 0..7 are the names, so an RGB below 8 (nearly black) moves up. */
static int number_of(int32_t color)
{
    enum { RGB_FLAG = 0x1000000, RGB_BITS = 0xffffff };
    if (color < 0)
        return -1;
    if (!(color & RGB_FLAG))
        return color;
    return (color & RGB_BITS) < 8 ? 8 : color & RGB_BITS;
}

/* The pair of two colours, made when first asked for. A pair that could not be made would be black on black: pair 0
 * (the terminal's own colours) is what is left then. */
static int pair_of(struct screen *screen, int32_t fg, int32_t bg)
{
    if (screen->depth == DEPTH_MONO || (fg < 0 && bg < 0))
        return 0;
    for (int i = 0; i < screen->pair_count; i++)
        if (screen->pairs[i].fg == fg && screen->pairs[i].bg == bg)
            return i + 1;
    int next = screen->pair_count + 1;
    if (next >= SCREEN_PAIRS || next >= COLOR_PAIRS || init_extended_pair(next, number_of(fg), number_of(bg)) == ERR)
        return 0;
    screen->pairs[screen->pair_count++] = (struct screen_pair){.fg = fg, .bg = bg};
    return next;
}

static attr_t attrs_of(unsigned attrs)
{
    return (attrs & ATTR_BOLD ? A_BOLD : 0) | (attrs & ATTR_DIM ? A_DIM : 0) |
           (attrs & ATTR_UNDERLINE ? A_UNDERLINE : 0) | (attrs & ATTR_REVERSE ? A_REVERSE : 0) |
           (attrs & ATTR_ITALIC ? A_ITALIC : 0);
}

void screen_set_theme(struct screen *screen, const struct theme *theme)
{
    screen->pair_count = 0;
    for (int role = 0; role < ROLE_COUNT; role++) {
        struct style style = theme_map_style(theme->styles[role], screen->depth);
        screen->looks[role] =
            (struct screen_look){.attrs = attrs_of(style.attrs), .pair = pair_of(screen, style.fg, style.bg)};
    }
    screen->is_whole = true;
}

void screen_repaint(struct screen *screen)
{
    screen->is_whole = true;
    clearok(curscr, TRUE);
}

static void put_cell(const struct screen *screen, int row, int col, const struct cell *cell)
{
    struct screen_look look = screen->looks[cell->role];
    wchar_t text[CCHARW_MAX + 1] = L"";
    cchar_t out;
    if ((unsigned char)cell->glyph[0] < 0x80 && !cell->glyph[1])
        text[0] = (wchar_t)(cell->glyph[0] ? cell->glyph[0] : ' ');
    else if (mbstowcs(text, cell->glyph, CCHARW_MAX) == (size_t)-1)
        wcscpy(text, L"?");
    attr_t attrs = look.attrs ^ (cell->attrs & CELL_REVERSE ? A_REVERSE : 0);
    attrs |= (cell->attrs & CELL_BOLD ? A_BOLD : 0) | (cell->attrs & CELL_UNDERLINE ? A_UNDERLINE : 0) |
             (cell->attrs & CELL_DIM ? A_DIM : 0);
    /* the pair goes by pointer: the short parameter ends at 255 (ncurses, setcchar(3x)) */
    if (setcchar(&out, text, attrs, 0, &look.pair) == OK)
        mvadd_wch(row, col, &out);
}

static bool grow_shown(struct screen *screen, int rows, int cols)
{
    size_t cells = (size_t)rows * (size_t)cols;
    if (screen->shown_rows == rows && screen->shown_cols == cols && screen->shown)
        return true;
    struct cell *bigger = cells <= CELLS_MAX ? realloc(screen->shown, cells * sizeof *bigger) : NULL;
    if (!bigger)
        return false;
    screen->shown = bigger;
    screen->shown_rows = rows;
    screen->shown_cols = cols;
    screen->is_whole = true;
    return true;
}

/* Puts the cells that changed; true when there were any. */
static bool put_changes(struct screen *screen)
{
    int rows = canvas_rows(screen->canvas), cols = canvas_cols(screen->canvas);
    if (!grow_shown(screen, rows, cols))
        return false;
    bool any = screen->is_whole;
    for (int row = 0; row < rows; row++) {
        const struct cell *cells = canvas_cell(screen->canvas, row, 0);
        struct cell *shown = &screen->shown[(size_t)row * (size_t)cols];
        if (!screen->is_whole && !memcmp(cells, shown, sizeof *cells * (size_t)cols))
            continue;
        any = true;
        for (int col = 0; col < cols; col++) {
            if (cells[col].width > 0 && (screen->is_whole || memcmp(&cells[col], &shown[col], sizeof *cells)))
                put_cell(screen, row, col, &cells[col]);
        }
        memcpy(shown, cells, sizeof *cells * (size_t)cols);
    }
    screen->is_whole = false;
    return any;
}

bool screen_draw(struct screen *screen)
{
    if (!put_changes(screen))
        return false;
    /* not through stdio: curses has a buffer of its own, and the order matters */
    if (screen->has_modes)
        screen_send(FRAME_ON, sizeof FRAME_ON - 1);
    wnoutrefresh(stdscr);
    doupdate();
    if (screen->has_modes)
        screen_send(FRAME_OFF, sizeof FRAME_OFF - 1);
    return true;
}
