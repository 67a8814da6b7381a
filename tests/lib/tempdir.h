/* A directory of a test's own, and files in it. Every call aborts the test program when the system fails. */
#ifndef WEIR_TESTS_TEMPDIR_H
#define WEIR_TESTS_TEMPDIR_H
struct tempdir {
    char path[256];
    char file[512]; /* of the last tempdir_file or tempdir_write */
};
void tempdir_make(struct tempdir *dir);
void tempdir_remove(struct tempdir *dir); /* with everything in it */
/* The path of a name in it, valid until the next call. */
const char *tempdir_file(struct tempdir *dir, const char *name);
/* Writes a file of this text (mode 0600), replacing it; name may have directories, which are made. */
const char *tempdir_write(struct tempdir *dir, const char *name, const char *text);
#endif
