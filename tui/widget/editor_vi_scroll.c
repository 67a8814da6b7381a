/* vi's commands that move the view. UI thread. */
#include "tui/widget/editor_vi.h"

void vi_half_down(struct editor *editor, const struct vi_command *command)
{
    (void)command;
    move_half_down(editor);
}
void vi_half_up(struct editor *editor, const struct vi_command *command)
{
    (void)command;
    move_half_up(editor);
}
void vi_page_down(struct editor *editor, const struct vi_command *command)
{
    for (long n = vi_count(command); n > 0 && n < VI_COUNT_MAX; n--)
        move_page_down(editor);
}
void vi_page_up(struct editor *editor, const struct vi_command *command)
{
    for (long n = vi_count(command); n > 0 && n < VI_COUNT_MAX; n--)
        move_page_up(editor);
}
void vi_scroll_down(struct editor *editor, const struct vi_command *command)
{
    editor_scroll(editor, vi_count(command));
}
void vi_scroll_up(struct editor *editor, const struct vi_command *command)
{
    editor_scroll(editor, -vi_count(command));
}

static void scroll_so(struct editor *editor, int row)
{
    size_t line = editor_line(editor), above = row > 0 ? (size_t)row : 0;
    editor->top = line > above ? line - above : 0;
}

void vi_scroll_top(struct editor *editor, const struct vi_command *command)
{
    (void)command;
    scroll_so(editor, 0);
}
void vi_scroll_middle(struct editor *editor, const struct vi_command *command)
{
    (void)command;
    scroll_so(editor, editor->area.rows / 2);
}
void vi_scroll_bottom(struct editor *editor, const struct vi_command *command)
{
    (void)command;
    scroll_so(editor, editor->area.rows - 1);
}
