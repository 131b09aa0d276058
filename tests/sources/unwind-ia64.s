// Unwind descriptors of IA-64: prologue regions, saved registers, a body with a restore.
	.text
	.global	framed#
	.proc	framed#
framed:
	.prologue 12, 35
	.save	ar.pfs, r36
	alloc	r36 = ar.pfs, 1, 4, 1, 0
	.vframe	r37
	mov	r37 = r12
	.fframe	32
	adds	r12 = -32, r12
	.save	rp, r35
	mov	r35 = b0
	.savesp	pr, 16
	.save.g	0x1
	st8	[r12] = r4
	.body
	br.call.sptk.many b0 = outside#
	.restore sp
	mov	r12 = r37
	mov	b0 = r35
	br.ret.sptk.many b0
	.endp	framed#
	.global	leaf#
	.proc	leaf#
leaf:
	.prologue
	.spill	16
	.save.f	0x3
	nop.m	0
	.save.b	0x1
	nop.i	0
	.altrp	b6
	.unwabi	@svr4, 0
	.body
	.label_state 1
	nop.m	0
	.copy_state 1
	br.ret.sptk.many b0
	.endp	leaf#
	.data
	data8	@fptr(framed#)
	data8	@gprel(leaf#)
	data8	outside#
	data4	@segrel(leaf#)
