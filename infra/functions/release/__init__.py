"""An approved model package goes to staging."""
