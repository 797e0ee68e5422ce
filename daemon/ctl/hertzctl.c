#include <stdio.h>

int main(void)
{
    puts("hertzd " HZ_VERSION);
    return 0;
}
