/* The floor of a benchmark: starts one `sh -c LINE` for each line of standard input, so many at a time, and waits. Nothing is kept,
   nothing is looked up. usage: floor JOBS < lines */
#define _GNU_SOURCE
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

extern char **environ;

int main(int argc, char **argv) {
    int jobs = argc > 1 ? atoi(argv[1]) : 1, running = 0, failed = 0, status;
    char *line = NULL;
    size_t room = 0;
    ssize_t len;
    while ((len = getline(&line, &room, stdin)) > 0) {
        if (line[len - 1] == '\n') line[len - 1] = 0;
        if (running >= jobs) {
            if (wait(&status) < 0) return 3;
            failed |= status;
            running--;
        }
        char *args[] = {"sh", "-c", line, NULL};
        pid_t pid;
        if (posix_spawn(&pid, "/bin/sh", NULL, NULL, args, environ) != 0) return 3;
        running++;
    }
    for (; running > 0; running--) {
        if (wait(&status) < 0) return 3;
        failed |= status;
    }
    return failed != 0;
}
