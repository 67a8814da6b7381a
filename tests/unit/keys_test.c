/* Key pairs of the embedded cloud and its sealed session credentials. */
#include "backend/local/keys.h"
#include "tests/lib/tempdir.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include <cmocka.h>

static struct tempdir dir;

static int set_up(void **state)
{
    (void)state;
    tempdir_make(&dir);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    tempdir_remove(&dir);
    return 0;
}

static void the_first_start_makes_a_private_pair_that_stays(void **state)
{
    (void)state;
    struct err err = ERR_NONE;
    struct stat status;
    struct keys_identity identity;
    char access[KEYS_TEXT], secret[KEYS_TEXT];
    struct keys *keys = keys_open(dir.path, NULL, &err);
    assert_non_null(keys);
    strcpy(access, keys_own_access(keys));
    assert_int_equal(strlen(access), 20);
    assert_int_equal(keys_find(keys, access, "", 0, &identity), KEYS_FOUND);
    strcpy(secret, identity.secret);
    assert_int_equal(strlen(secret), 40);
    assert_int_equal(stat(tempdir_file(&dir, "keys"), &status), 0);
    assert_int_equal(status.st_mode & 0777, 0600);
    keys_close(keys);

    keys = keys_open(dir.path, NULL, &err);
    assert_string_equal(keys_own_access(keys), access);
    assert_int_equal(keys_find(keys, access, "", 0, &identity), KEYS_FOUND);
    assert_string_equal(identity.secret, secret);
    keys_close(keys);
}

static void two_installs_have_different_keys(void **state)
{
    (void)state;
    struct tempdir other;
    tempdir_make(&other);
    struct keys *a = keys_open(dir.path, NULL, NULL), *b = keys_open(other.path, NULL, NULL);
    assert_string_not_equal(keys_own_access(a), keys_own_access(b));
    keys_close(a);
    keys_close(b);
    tempdir_remove(&other);
}

static void more_pairs_come_from_a_file(void **state)
{
    (void)state;
    struct err err = ERR_NONE;
    struct keys_identity identity;
    const char *file = tempdir_write(&dir, "more", "# team\nalice  alice-secret\r\n\n\tbob bob/secret+1\n");
    struct keys *keys = keys_open(dir.path, file, &err);
    assert_non_null(keys);
    assert_int_equal(keys_count(keys), 3);
    assert_int_equal(keys_find(keys, "bob", "", 0, &identity), KEYS_FOUND);
    assert_string_equal(identity.secret, "bob/secret+1");
    assert_string_equal(identity.arn, "arn:aws:iam::123456789012:user/key-2");
    assert_int_equal(keys_find(keys, "carol", "", 0, &identity), KEYS_UNKNOWN);
    keys_close(keys);
}

static void a_bad_key_file_names_the_line(void **state)
{
    (void)state;
    static const struct {
        const char *text, *says;
    } cases[] = {
        {"alice s1\nbob\n", "more:2"},     {"alice s1 s2\n", "ACCESS SECRET"}, {"alice s1\nalice s2\n", "twice"},
        {"a/b s1\n", "access key has no"}, {"alice \x01\n", "visible ASCII"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct err err = ERR_NONE;
        const char *file = tempdir_write(&dir, "more", cases[i].text);
        assert_null(keys_open(dir.path, file, &err));
        assert_int_equal(err.code, ERR_CONFIG);
        if (!strstr(err.text, cases[i].says))
            fail_msg("%s: %s", cases[i].text, err.text);
    }
    struct err err = ERR_NONE;
    assert_null(keys_open(dir.path, tempdir_file(&dir, "absent"), &err));
    assert_int_equal(err.code, ERR_NOT_FOUND);
}

static void a_session_verifies_until_it_expires_and_after_a_restart(void **state)
{
    (void)state;
    struct keys_session session;
    struct keys_identity identity;
    struct keys *keys = keys_open(dir.path, NULL, NULL);
    assert_true(keys_make_session(keys, "arn:aws:sts::1:assumed-role/r/s", "AROAX:s", 1000, &session));
    keys_close(keys);
    keys = keys_open(dir.path, NULL, NULL);
    assert_int_equal(keys_find(keys, session.access, session.token, 999, &identity), KEYS_FOUND);
    assert_string_equal(identity.secret, session.secret);
    assert_string_equal(identity.arn, "arn:aws:sts::1:assumed-role/r/s");
    assert_string_equal(identity.id, "AROAX:s");
    assert_int_equal(keys_find(keys, session.access, session.token, 1000, &identity), KEYS_EXPIRED);
    assert_int_equal(keys_find(keys, session.access, "", 0, &identity), KEYS_UNKNOWN);
    assert_int_equal(keys_find(keys, keys_own_access(keys), session.token, 0, &identity), KEYS_BAD_TOKEN);
    keys_close(keys);
}

static void every_changed_character_of_a_token_is_refused(void **state)
{
    (void)state;
    struct keys_session session;
    struct keys_identity identity;
    struct keys *keys = keys_open(dir.path, NULL, NULL);
    assert_true(keys_make_session(keys, "arn", "id", 1000, &session));
    for (size_t i = 0; session.token[i] && session.token[i] != '='; i++) {
        char kept = session.token[i];
        session.token[i] = kept == 'A' ? 'B' : 'A';
        /* the last character before the padding may hold bits that decode to nothing: strict base64 refuses those */
        assert_int_equal(keys_find(keys, session.access, session.token, 0, &identity), KEYS_BAD_TOKEN);
        session.token[i] = kept;
    }
    assert_int_equal(keys_find(keys, session.access, "not base64!", 0, &identity), KEYS_BAD_TOKEN);
    keys_close(keys);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(the_first_start_makes_a_private_pair_that_stays, set_up, tear_down),
        cmocka_unit_test_setup_teardown(two_installs_have_different_keys, set_up, tear_down),
        cmocka_unit_test_setup_teardown(more_pairs_come_from_a_file, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_bad_key_file_names_the_line, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_session_verifies_until_it_expires_and_after_a_restart, set_up, tear_down),
        cmocka_unit_test_setup_teardown(every_changed_character_of_a_token_is_refused, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
