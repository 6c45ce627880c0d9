/* What a program linked by a newer glibc lacks on an older one. Before 2.34, glibc expects the program to run its own initializers: it is handed
   the function that does so, and crt1.o of today hands over none. (Since 2.34 such a function is still called, for programs of that age.) */

typedef void (*initializer)(int argc, char **argv, char **environment);

extern initializer __preinit_array_start[] __attribute__((visibility("hidden")));
extern initializer __preinit_array_end[] __attribute__((visibility("hidden")));
extern initializer __init_array_start[] __attribute__((visibility("hidden")));
extern initializer __init_array_end[] __attribute__((visibility("hidden")));
extern void _init(void);

static void run_initializers(int argc, char **argv, char **environment)
{
  for (initializer *each = __preinit_array_start; each < __preinit_array_end; each++) (*each)(argc, argv, environment);
  _init();
  for (initializer *each = __init_array_start; each < __init_array_end; each++) (*each)(argc, argv, environment);
}

int __real___libc_start_main(int (*main)(int, char **, char **), int argc, char **argv, initializer init, void (*fini)(void), void (*loader_fini)(void), void *stack_end);

/* The linker puts this in the place of __libc_start_main (--wrap). */
int __wrap___libc_start_main(int (*main)(int, char **, char **), int argc, char **argv, initializer init, void (*fini)(void), void (*loader_fini)(void), void *stack_end)
{
  return __real___libc_start_main(main, argc, argv, init ? init : run_initializers, fini, loader_fini, stack_end);
}
