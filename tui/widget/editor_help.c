/* The editor's own keys in words, for help: those that are in no keymap, by style. UI thread. */
#include "tui/widget/editor_private.h"

struct help_row {
    const char *keys, *help;
};

static const struct help_row shared[] = {
    {.keys = "Tab, Shift-Tab", .help = "complete a word, or indent; one level less"},
    {.keys = "Up Down Ctrl-n Ctrl-p", .help = "in the popup: choose, then Enter; Tab accepts at once, Esc closes"},
    {.keys = "Shift and a move", .help = "select"},
    {.keys = "Alt-Up, Alt-Down", .help = "move the line or the selected lines"},
    {.keys = "Alt-;", .help = "comment the lines, or uncomment them"},
    {.keys = "F3, Shift-F3", .help = "next and previous match"},
    {.keys = "Alt-%, Alt-r", .help = "search and replace"},
    {.keys = NULL},
};
static const struct help_row plain[] = {
    {.keys = "Ctrl-z, Ctrl-y", .help = "undo, redo"},
    {.keys = "Ctrl-x, Ctrl-c, Ctrl-v", .help = "cut, copy what is selected, paste"},
    {.keys = "Ctrl-a", .help = "select all"},
    {.keys = "Ctrl-f", .help = "find; Up and Down go through the matches"},
    {.keys = "Ctrl-g", .help = "go to a line, or line:column"},
    {.keys = "Ctrl-d, Ctrl-k", .help = "double the line, remove it"},
    {.keys = "Ctrl-w, Ctrl-u", .help = "remove the word, or all, before the cursor"},
    {.keys = "Ctrl-Left, Ctrl-Right", .help = "by words; Ctrl-Up and Ctrl-Down by blocks"},
    {.keys = "Ctrl-b", .help = "to the bracket that matches"},
    {.keys = "Ctrl-/", .help = "comment the lines, or uncomment them"},
    {.keys = "Esc", .help = "no selection; else leave the editor"},
    {.keys = NULL},
};
static const struct help_row vi[] = {
    {.keys = "i a I A o O gi R", .help = "insert; Esc or Ctrl-c ends it"},
    {.keys = "h j k l w b e 0 ^ $ gg G", .help = "move; also W B E ge { } % f t F T ; , H M L"},
    {.keys = "d c y > < gu gU g~ gc", .help = "operators, with a motion, an object (iw a( i\") or twice"},
    {.keys = "x X D C Y s S r ~ J p P", .help = "as in vi; \"a names a register, numbers repeat"},
    {.keys = "v V o gv", .help = "select characters or lines"},
    {.keys = "u, Ctrl-r, .", .help = "undo, redo, again"},
    {.keys = "/ ? n N * #", .help = "search"},
    {.keys = ":N :s :d :noh", .help = "go to line N, substitute (:%s/a/b/g), delete lines, no marks of a search"},
    {.keys = "m ` ' q @", .help = "marks and recorded keys"},
    {.keys = "Ctrl-a, Ctrl-x", .help = "add to, or take from, the number"},
    {.keys = "zt zz zb Ctrl-e Ctrl-y", .help = "scroll"},
    {.keys = NULL},
};
static const struct help_row emacs[] = {
    {.keys = "Ctrl-f b n p a e", .help = "move; Alt-f Alt-b by words, Alt-< Alt-> to the ends"},
    {.keys = "Ctrl-Space", .help = "set the mark; Ctrl-w kills the region, Alt-w copies it"},
    {.keys = "Ctrl-k, Alt-d", .help = "kill the line, the word"},
    {.keys = "Ctrl-y, Alt-y", .help = "yank, and the kill before instead"},
    {.keys = "Ctrl-/, Alt-_", .help = "undo, redo"},
    {.keys = "Ctrl-s, Ctrl-r", .help = "search forward and backward"},
    {.keys = "Alt-u Alt-l Alt-c", .help = "upper case, lower case, capital"},
    {.keys = "Ctrl-t, Ctrl-o, Alt-^", .help = "transpose, open a line, join lines"},
    {.keys = "Alt-/", .help = "complete"},
    {.keys = "Ctrl-g", .help = "no mark, no search, no popup"},
    {.keys = NULL},
};
static const struct help_row *const rows[] = {[EDITOR_PLAIN] = plain, [EDITOR_VI] = vi, [EDITOR_EMACS] = emacs};

void editor_each_key(const struct editor *editor, void (*each)(void *data, const char *keys, const char *help),
                     void *data)
{
    for (const struct help_row *row = rows[editor->keys]; row->keys; row++)
        each(data, row->keys, row->help);
    for (const struct help_row *row = shared; row->keys; row++)
        each(data, row->keys, row->help);
}
