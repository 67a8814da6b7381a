/* Signing: requests signed per second of CPU, ours against the signer built into libcurl. libcurl signs only inside a
 * transfer, so its cost is the difference between transfers to a server in this process with and without it, on the
 * thread's own CPU clock. */
#include "backend/core/sigv4.h"
#include "tests/lib/testserver.h"
#include <curl/curl.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

enum { SIGNS = 20000, TRANSFERS = 4000, ROUNDS = 3 };
static const char access_key[] = "AKIDEXAMPLE", secret_key[] = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY";
static const char path[] = "/lake/raw/orders/part-00017.csv.gz", query[] = "list-type=2&prefix=raw%2Forders%2F";

static double cpu_s(void)
{
    struct timespec now;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static bool sign_ours(double *per_s)
{
    double started = cpu_s();
    for (int i = 0; i < SIGNS; i++) {
        struct pairs headers = {0};
        pairs_add(&headers, "Host", "s3.us-east-1.amazonaws.com");
        pairs_add(&headers, "Content-Type", "application/octet-stream");
        struct sigv4_request req = {.method = "GET",
                                    .path = path,
                                    .query = query,
                                    .headers = &headers,
                                    .payload_sha256 = SIGV4_EMPTY_SHA256,
                                    .service = "s3",
                                    .region = "us-east-1",
                                    .wall_ms = 1795357742000 + i,
                                    .access_key = access_key,
                                    .secret_key = secret_key};
        bool ok = sigv4_sign_headers(&req, &headers, NULL);
        pairs_done(&headers);
        if (!ok)
            return false;
    }
    *per_s = SIGNS / (cpu_s() - started);
    return true;
}

static bool serve(struct testserver *server, const struct test_request *req, int fd, void *context)
{
    (void)server, (void)req, (void)context;
    return testserver_reply(fd, 200, "", "", 0);
}

/* CPU seconds of this thread for so many transfers over one connection. */
static bool transfer(const char *url, bool is_signed, double *seconds)
{
    CURL *easy = curl_easy_init();
    CURLcode result = easy ? CURLE_OK : CURLE_FAILED_INIT;
    if (easy) {
        curl_easy_setopt(easy, CURLOPT_URL, url);
        curl_easy_setopt(easy, CURLOPT_NOPROXY, "*");
        struct curl_slist *headers = curl_slist_append(NULL, "Content-Type: application/octet-stream");
        curl_easy_setopt(easy, CURLOPT_HTTPHEADER, headers);
        if (is_signed) {
            curl_easy_setopt(easy, CURLOPT_AWS_SIGV4, "aws:amz:us-east-1:s3");
            curl_easy_setopt(easy, CURLOPT_USERNAME, access_key);
            curl_easy_setopt(easy, CURLOPT_PASSWORD, secret_key);
        }
        double started = cpu_s();
        for (int i = 0; i < TRANSFERS && result == CURLE_OK; i++)
            result = curl_easy_perform(easy);
        *seconds = cpu_s() - started;
        curl_slist_free_all(headers);
        curl_easy_cleanup(easy);
    }
    return result == CURLE_OK;
}

int main(void)
{
    char url[400], target[200];
    double ours = 0, best_plain = 1e9, best_signed = 1e9;
    curl_global_init(CURL_GLOBAL_DEFAULT);
    struct testserver *server = testserver_start(serve, NULL);
    snprintf(target, sizeof target, "%s?%s", path, query);
    snprintf(url, sizeof url, "%s", testserver_url(server, target));
    bool ok = sign_ours(&ours);
    for (int round = 0; ok && round < ROUNDS; round++) { /* the least disturbed round counts */
        double plain = 0, with = 0;
        ok = transfer(url, false, &plain) && transfer(url, true, &with);
        best_plain = plain < best_plain ? plain : best_plain;
        best_signed = with < best_signed ? with : best_signed;
    }
    testserver_stop(server);
    if (!ok) {
        fprintf(stderr, "a request could not be signed or sent\n");
        return 1;
    }
    printf("bench sign.ours %.0f requests/s\n", ours);
    if (best_signed > best_plain)
        printf("bench sign.libcurl %.0f requests/s\n", TRANSFERS / (best_signed - best_plain));
    else
        printf("skip sign.libcurl lost in the noise of the transfers\n");
    return 0;
}
