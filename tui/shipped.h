/* The themes and keymaps that ship, compiled in from the files themselves (tools/embed writes the table). */
#ifndef WEIR_TUI_SHIPPED_H
#define WEIR_TUI_SHIPPED_H
struct shipped_file {
    const char *path; /* "themes/light.theme" */
    const char *text;
};
extern const struct shipped_file shipped_files[]; /* ends with .path = NULL */
#endif
