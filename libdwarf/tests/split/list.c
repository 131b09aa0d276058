#define LIMIT 7

struct node {
  struct node *next;
  int values[LIMIT];
};

__attribute__((noinline, cold)) void refuse(struct node *list) {
  while (list)
    list = list->next;
}

__attribute__((noinline)) int sum(struct node *list) {
  int total = 0;
  for (; list; list = list->next) {
    if (__builtin_expect(list->values[0] < 0, 0)) {
      refuse(list);
      refuse(list->next);
      return -1;
    }
    for (int i = 0; i < LIMIT; i++)
      total += list->values[i];
  }
  return total;
}
