namespace Funion.Cli.Verified;

/// <summary>Waits while another process of the user has a folder, which is for moments.</summary>
static class Patience
{
    const int Attempts = 40;

    public static async Task<T> WhileBusyAsync<T>(Func<T> attempt, T busy, CancellationToken cancellation)
        where T : struct, Enum
    {
        for (int i = 1; ; i++)
        {
            T outcome = attempt();
            if (i == Attempts || !outcome.Equals(busy))
            {
                return outcome;
            }
            await Task.Delay(TimeSpan.FromMilliseconds(50), cancellation);
        }
    }
}
