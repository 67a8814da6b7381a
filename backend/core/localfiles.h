/* Names inside the embedded cloud's state directory: the contract between the daemon (backend/local) and its clients
 * (core/localctl). Constants only. */
#ifndef WEIR_CORE_LOCALFILES_H
#define WEIR_CORE_LOCALFILES_H

#define LOCALFILES_PROGRAM  "weir-local"
#define LOCALFILES_SUBDIR   "local"          /* below the XDG state directory of weir: the default state directory */
#define LOCALFILES_LOCK     "lock"           /* flock'd by the running daemon */
#define LOCALFILES_ENDPOINT "endpoint.json"  /* url, port, pid, region, access_key_id; written when ready */
#define LOCALFILES_KEYS     "keys"           /* mode 0600, lines "ACCESS SECRET"; the first is the install's own */
#define LOCALFILES_CONTROL  "control.sock"   /* JSON lines: a hello when ready, then one answer per command */
#define LOCALFILES_LOG      "weir-local.log" /* and .1, the one before */
#define LOCALFILES_OBJECTS  "objects"
#define LOCALFILES_DATABASE "cloud.db" /* and -wal, -shm */
#endif
