/* Finds themes and keymaps by name. The user's folder is read on demand, at start and when a menu opens; nothing is
 * ever written there. UI thread. */
#include "tui/tui_files.h"
#include "tui/shipped.h"
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { NAMES_MAX = 64 };

/* "themes/light.theme" -> "light"; false when the path is of another kind. */
static bool name_of(const struct tui_files *files, const char *path, char name[TUI_FILE_NAME])
{
    size_t folder = strlen(files->folder), len = strlen(path), suffix = strlen(files->suffix);
    if (strncmp(path, files->folder, folder) || path[folder] != '/' || len <= folder + 1 + suffix ||
        strcmp(path + len - suffix, files->suffix))
        return false;
    size_t n = len - folder - 1 - suffix;
    if (n >= TUI_FILE_NAME)
        return false;
    memcpy(name, path + folder + 1, n);
    name[n] = '\0';
    return true;
}

static const struct shipped_file *find_shipped(const struct tui_files *files, const char *name)
{
    char found[TUI_FILE_NAME];
    for (const struct shipped_file *file = shipped_files; file->path; file++)
        if (name_of(files, file->path, found) && !strcmp(found, name))
            return file;
    return NULL;
}

static bool user_folder(const struct tui_files *files, char out[PATH_SIZE])
{
    char config[PATH_SIZE];
    return path_xdg_dir(XDG_CONFIG, config, NULL) && path_join(out, config, files->folder, NULL);
}

static bool set_unknown(const struct tui_files *files, const char *name, struct err *err)
{
    char names[NAMES_MAX][TUI_FILE_NAME], known[160] = "";
    int n = tui_files_names(files, names, NAMES_MAX);
    for (int i = 0; i < n; i++) {
        size_t used = strlen(known);
        snprintf(known + used, sizeof known - used, "%s%s", i ? ", " : "", names[i]);
    }
    return err_set(err, ERR_CONFIG, "there is no %.*s \"%.40s\"; known: %s", (int)strlen(files->folder) - 1,
                   files->folder, name, known);
}

bool tui_files_read(const struct tui_files *files, const char *name, struct buf *out, char where[PATH_SIZE],
                    struct err *err)
{
    char folder[PATH_SIZE], file[TUI_FILE_NAME + 16];
    if (!name[0] || strchr(name, '/') || name[0] == '.' || strlen(name) >= TUI_FILE_NAME)
        return set_unknown(files, name, err);
    snprintf(file, sizeof file, "%s%s", name, files->suffix);
    if (user_folder(files, folder) && path_join(where, folder, file, NULL) && path_exists(where))
        return path_read(where, out, err);
    const struct shipped_file *shipped = find_shipped(files, name);
    if (!shipped)
        return set_unknown(files, name, err);
    snprintf(where, PATH_SIZE, "%s", shipped->path);
    return buf_puts(out, shipped->text) || err_set(err, ERR_TOO_LARGE, "%s is too large", where);
}

static int add_name(const char *name, char names[][TUI_FILE_NAME], int count, int max)
{
    for (int i = 0; i < count; i++)
        if (!strcmp(names[i], name))
            return count;
    if (count < max)
        snprintf(names[count++], TUI_FILE_NAME, "%s", name);
    return count;
}

int tui_files_names(const struct tui_files *files, char names[][TUI_FILE_NAME], int max)
{
    char name[TUI_FILE_NAME], folder[PATH_SIZE];
    int count = 0;
    for (const struct shipped_file *file = shipped_files; file->path; file++)
        if (name_of(files, file->path, name))
            count = add_name(name, names, count, max);
    DIR *dir = user_folder(files, folder) ? opendir(folder) : NULL;
    for (struct dirent *entry = dir ? readdir(dir) : NULL; entry; entry = readdir(dir)) {
        char path[PATH_SIZE];
        snprintf(path, sizeof path, "%s/%s", files->folder, entry->d_name);
        if (entry->d_name[0] != '.' && name_of(files, path, name))
            count = add_name(name, names, count, max);
    }
    if (dir)
        closedir(dir);
    return count;
}
