/* Moving in a list and drawing where one is in it. UI thread. */
#include "tui/widget/scroll.h"

static bool distance(const struct scroll *scroll, size_t count, enum action action, long *rows)
{
    long page = scroll->page > 0 ? scroll->page : 1;
    const struct {
        enum action action;
        long rows;
    } moves[] = {
        {.action = ACTION_up, .rows = -1},
        {.action = ACTION_down, .rows = 1},
        {.action = ACTION_page_up, .rows = -page},
        {.action = ACTION_page_down, .rows = page},
        {.action = ACTION_half_up, .rows = -(page + 1) / 2},
        {.action = ACTION_half_down, .rows = (page + 1) / 2},
        {.action = ACTION_first, .rows = -(long)count},
        {.action = ACTION_last, .rows = (long)count},
    };
    for (size_t i = 0; i < sizeof moves / sizeof *moves; i++) {
        *rows = moves[i].rows;
        if (moves[i].action == action)
            return true;
    }
    return false;
}

static void move(struct scroll *scroll, size_t count, long rows)
{
    long to = (long)scroll->cursor + rows, last = count > 0 ? (long)count - 1 : 0;
    scroll->cursor = to < 0 ? 0 : to > last ? (size_t)last : (size_t)to;
}

bool scroll_act(struct scroll *scroll, size_t count, enum action action)
{
    long rows;
    if (!distance(scroll, count, action, &rows))
        return false;
    move(scroll, count, rows);
    return true;
}

void scroll_fit(struct scroll *scroll, size_t count, int rows)
{
    scroll->page = rows > 0 ? rows : 1;
    size_t page = (size_t)scroll->page;
    if (scroll->cursor >= count)
        scroll->cursor = count > 0 ? count - 1 : 0;
    if (scroll->cursor < scroll->top)
        scroll->top = scroll->cursor;
    if (scroll->cursor >= scroll->top + page)
        scroll->top = scroll->cursor - page + 1;
    if (count <= page)
        scroll->top = 0;
    else if (scroll->top > count - page)
        scroll->top = count - page;
}

bool scroll_mouse(struct scroll *scroll, size_t count, const struct event *event, struct rect rect)
{
    if (event->row < rect.row || event->row >= rect.row + rect.rows || event->col < rect.col ||
        event->col >= rect.col + rect.cols)
        return false;
    if (event->mouse == MOUSE_WHEEL_UP || event->mouse == MOUSE_WHEEL_DOWN) {
        move(scroll, count, event->mouse == MOUSE_WHEEL_UP ? -3 : 3);
        return true;
    }
    size_t row = scroll->top + (size_t)(event->row - rect.row);
    if (event->mouse == MOUSE_RELEASE || row >= count)
        return false;
    scroll->cursor = row;
    return true;
}

void scroll_draw(const struct scroll *scroll, size_t count, struct canvas *canvas, struct rect rect)
{
    size_t rows = rect.rows > 0 ? (size_t)rect.rows : 0;
    if (rows == 0 || count <= rows || rect.cols < 4)
        return;
    size_t thumb = rows * rows / count > 0 ? rows * rows / count : 1, range = count - rows;
    size_t at = (rows - thumb) * (scroll->top < range ? scroll->top : range) / range;
    for (size_t i = 0; i < thumb; i++)
        canvas_puts(canvas, rect.row + (int)(at + i), rect.col + rect.cols - 1, 1, ROLE_dim, "┃");
}
