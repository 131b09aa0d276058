let x = 1;
# let _ = x;
