/* Shifts the wall clock of a process by what stands in the file that SHIFTED_CLOCK names: seconds,
   and perhaps by how much too fast it runs (0.01: one second in a hundred) and since when (seconds
   of CLOCK_MONOTONIC).

   Loaded with LD_PRELOAD. Only CLOCK_REALTIME moves, as when somebody sets the clock of a machine:
   monotonic clocks and sleeping stay as they are. The file is read at every look, so that the
   clock can be set while the process runs. */

#define _GNU_SOURCE
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

static double shift(void) {
  char text[96] = {0};
  const char *name = getenv("SHIFTED_CLOCK");
  int file = name ? open(name, O_RDONLY | O_CLOEXEC) : -1;
  if (file < 0) return 0;
  double seconds = 0, rate = 0, since = 0;
  if (read(file, text, sizeof text - 1) > 0) sscanf(text, "%lf %lf %lf", &seconds, &rate, &since);
  close(file);
  if (rate != 0) {
    struct timespec steady;
    syscall(SYS_clock_gettime, CLOCK_MONOTONIC, &steady);
    seconds += rate * (steady.tv_sec + steady.tv_nsec / 1e9 - since);
  }
  return seconds;
}

int clock_gettime(clockid_t clock, struct timespec *at) {
  int failed = syscall(SYS_clock_gettime, clock, at);
  if (failed || (clock != CLOCK_REALTIME && clock != CLOCK_REALTIME_COARSE)) return failed;
  double seconds = shift();
  long long nanoseconds = at->tv_nsec + (long long)(seconds * 1e9);
  at->tv_sec += nanoseconds / 1000000000;
  at->tv_nsec = nanoseconds % 1000000000;
  if (at->tv_nsec < 0) {
    at->tv_nsec += 1000000000;
    at->tv_sec -= 1;
  }
  return 0;
}

int gettimeofday(struct timeval *restrict at, void *restrict zone) {
  (void)zone;
  struct timespec now;
  if (clock_gettime(CLOCK_REALTIME, &now)) return -1;
  at->tv_sec = now.tv_sec;
  at->tv_usec = now.tv_nsec / 1000;
  return 0;
}

time_t time(time_t *at) {
  struct timespec now;
  clock_gettime(CLOCK_REALTIME, &now);
  if (at) *at = now.tv_sec;
  return now.tv_sec;
}
