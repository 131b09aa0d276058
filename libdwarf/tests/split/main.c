struct node;
int sum(struct node *list);

int main(int argc, char **argv) { return argc > 5 ? sum((struct node *)argv) : 0; }
