# Data, symbols and relocations in directives that every assembler knows.
	.data
	.globl	first
first:	.long	1
	.long	first
	.long	outside
	.long	outside+4
	.short	7
	.byte	8
	.byte	9
	.globl	last
last:	.long	local
local:	.long	2
	.comm	shared,16
	.bss
zeroed:	.space	64
	.section .note.test,"",%note
	.long	4
	.long	4
	.long	1
	.asciz	"Abc"
	.long	0
	.section .debug_line_like,"",%progbits
	.long	local
	.section .strings,"aMS",%progbits,1
	.asciz	"one"
	.asciz	"two"
