/** A module that never comes to the end of its first line. */

for (;;);
