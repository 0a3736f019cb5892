/* Runs ClickHouse out of the embedded engine's own library, with the arguments of clickhouse-local: for tests of shards only. */
#include <dlfcn.h>
#include <stdio.h>

int main(int argc, char **argv) {
  void *library = dlopen(argv[1], RTLD_NOW | RTLD_GLOBAL);
  if (!library) { fprintf(stderr, "%s\n", dlerror()); return 1; }
  void *(*run)(int, char **) = (void *(*)(int, char **))dlsym(library, "query_stable_v2");
  if (!run) { fprintf(stderr, "%s\n", dlerror()); return 1; }
  return run(argc - 1, argv + 1) ? 0 : 2;
}
