/* Silent connections; see links.h. */
#include "backend/local/links.h"
#include <netinet/in.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

struct link {
    int fd;
    struct sockaddr_in peer;
    int64_t deadline_ms; /* meaningless while is_busy */
    bool is_busy;
    struct link *next, *previous;
};

struct links {
    pthread_mutex_t lock;
    struct link *first;
    int64_t count, idle_ms;
    int timer_fd;
    int64_t timer_ms; /* when it is set to fire; 0: not set */
};

static int64_t now_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

struct links *links_new(int64_t idle_ms)
{
    struct links *links = calloc(1, sizeof *links);
    if (!links)
        abort();
    pthread_mutex_init(&links->lock, NULL);
    links->idle_ms = idle_ms;
    links->timer_fd = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);
    return links;
}

void links_free(struct links *links)
{
    close(links->timer_fd);
    pthread_mutex_destroy(&links->lock);
    free(links);
}

/* Sets the timer to the earliest deadline; called with the lock held. */
static void arm_timer(struct links *links)
{
    int64_t first = 0;
    for (const struct link *link = links->first; link; link = link->next)
        if (!link->is_busy && (first == 0 || link->deadline_ms < first))
            first = link->deadline_ms;
    if (first == links->timer_ms)
        return;
    struct itimerspec when = {.it_value = {.tv_sec = first / 1000, .tv_nsec = first % 1000 * 1000000L}};
    timerfd_settime(links->timer_fd, TFD_TIMER_ABSTIME, &when, NULL);
    links->timer_ms = first;
}

struct link *links_add(struct links *links, int fd, const struct sockaddr *peer)
{
    struct link *link = calloc(1, sizeof *link);
    if (!link)
        abort();
    link->fd = fd;
    if (peer && peer->sa_family == AF_INET)
        memcpy(&link->peer, peer, sizeof link->peer);
    pthread_mutex_lock(&links->lock);
    link->deadline_ms = now_ms() + links->idle_ms;
    link->next = links->first;
    if (link->next)
        link->next->previous = link;
    links->first = link;
    links->count++;
    if (links->timer_ms == 0)
        arm_timer(links);
    pthread_mutex_unlock(&links->lock);
    return link;
}

void links_remove(struct links *links, struct link *link)
{
    pthread_mutex_lock(&links->lock);
    if (link->previous)
        link->previous->next = link->next;
    else
        links->first = link->next;
    if (link->next)
        link->next->previous = link->previous;
    links->count--;
    if (!links->first)
        arm_timer(links); /* nobody left: no wake-up either */
    pthread_mutex_unlock(&links->lock);
    free(link);
}

int link_fd(const struct link *link)
{
    return link->fd;
}

void links_set_busy(struct links *links, struct link *link, bool is_busy)
{
    if (!link)
        return;
    pthread_mutex_lock(&links->lock);
    link->is_busy = is_busy;
    link->deadline_ms = now_ms() + links->idle_ms;
    /* a timer that is set fires before this deadline and then looks again */
    if (links->timer_ms == 0)
        arm_timer(links);
    pthread_mutex_unlock(&links->lock);
}

int64_t links_count(struct links *links)
{
    pthread_mutex_lock(&links->lock);
    int64_t count = links->count;
    pthread_mutex_unlock(&links->lock);
    return count;
}

int links_timer_fd(const struct links *links)
{
    return links->timer_fd;
}

static bool is_same_peer(const struct link *link)
{
    struct sockaddr_in peer;
    socklen_t len = sizeof peer;
    return getpeername(link->fd, (struct sockaddr *)&peer, &len) == 0 && peer.sin_port == link->peer.sin_port &&
           peer.sin_family == AF_INET;
}

void links_sweep(struct links *links)
{
    uint64_t fired;
    if (read(links->timer_fd, &fired, sizeof fired) < 0)
        return;
    pthread_mutex_lock(&links->lock);
    int64_t now = now_ms();
    for (struct link *link = links->first; link; link = link->next) {
        if (link->is_busy || link->deadline_ms > now)
            continue;
        if (is_same_peer(link))
            shutdown(link->fd, SHUT_RDWR);
        link->deadline_ms = now + links->idle_ms;
    }
    links->timer_ms = 0;
    arm_timer(links);
    pthread_mutex_unlock(&links->lock);
}
