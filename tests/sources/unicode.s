# Names that are no plain ASCII.
	.text
	.globl "größe"
"größe": .long 1
	.globl "名前"
"名前": .long 2
	.globl "tab\tand\033escape"
"tab\tand\033escape": .long 3
	.globl "broken\377utf8"
"broken\377utf8": .long 4
	.globl "right\342\200\256to left"
"right\342\200\256to left": .long 5
	.section ".sectión", "a"
	.long 6
	.section .dynstr_like, "aS"
	.asciz "größe", "\t\001\177", "名前"
