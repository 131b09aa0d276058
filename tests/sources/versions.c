/* Symbols with versions, old and default ones. */
int first_v1(void) { return 1; }
int first_v2(void) { return 2; }
int second(void) { return 3; }
int data_v2 = 4;
__asm__(".symver first_v1,first@LIB_1.0");
__asm__(".symver first_v2,first@@LIB_2.0");
