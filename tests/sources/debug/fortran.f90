! What Fortran has that shows in debugging information: modules, common blocks, arrays whose bounds
! are known at run time, entry points, namelists, imported names.
module shapes
  implicit none
  type :: point
    real :: x, y
    integer, allocatable :: tags(:)
  end type point
  integer, parameter :: limit = 10
  real(kind=8), dimension(3, 4) :: grid
contains
  function area(points, n) result(total)
    integer, intent(in) :: n
    type(point), intent(in) :: points(n)
    real :: total
    integer :: i
    total = 0.0
    do i = 1, n
      total = total + points(i)%x * points(i)%y
    end do
  end function area
  subroutine fill(values, text)
    real, intent(inout) :: values(:, :)
    character(len=*), intent(in) :: text
    complex :: c
    logical :: done
    done = len(text) > 3
    c = cmplx(1.0, 2.0)
    if (done) values(1, 1) = real(c)
  end subroutine fill
end module shapes
subroutine work(n)
  use shapes, only: area, limit, renamed => grid
  implicit none
  integer, intent(in) :: n
  integer :: shared, others
  common /block/ shared, others
  namelist /settings/ shared, others
  renamed(1, 1) = n + limit + shared
  read (*, nml=settings)
end subroutine work
