/* Picks the mode: no verb is the console, a verb is the command line. */
int main(void)
{
    return 0;
}
