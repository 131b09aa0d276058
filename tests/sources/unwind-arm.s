@ Exception tables of ARM: inline entries, generic and compact models, personality routines.
	.syntax unified
	.text
	.globl	compact
	.type	compact, %function
compact:
	.fnstart
	.save	{r4, r5, r6, lr}
	push	{r4, r5, r6, lr}
	.setfp	r6, sp, #4
	add	r6, sp, #4
	.pad	#1040
	sub	sp, sp, #1040
	pop	{r4, r5, r6, pc}
	.fnend
	.globl	with_floats
	.type	with_floats, %function
with_floats:
	.fnstart
	.save	{r4, r5, r6, r7, r8, r9, r10, r11, lr}
	push	{r4, r5, r6, r7, r8, r9, r10, r11, lr}
	.vsave	{d8, d9, d10}
	vpush	{d8, d9, d10}
	.pad	#300
	sub	sp, sp, #300
	bx	lr
	.handlerdata
	.long	0
	.fnend
	.globl	personal
	.type	personal, %function
personal:
	.fnstart
	.personality routine
	.save	{r0, r1, r2, r3}
	push	{r0, r1, r2, r3}
	bx	lr
	.handlerdata
	.long	1, 2
	.fnend
	.globl	never
	.type	never, %function
never:
	.fnstart
	.cantunwind
	bx	lr
	.fnend
	.globl	raw
	.type	raw, %function
raw:
	.fnstart
	.unwind_raw 8, 0xb1, 0x0f
	.unwind_raw 0, 0xb2, 0x81, 0x01
	bx	lr
	.fnend
