namespace Funion.Client;

/// <summary>Many boxes in flight: begun in order, so many at once. The first failure ends it, and what is still in flight is given up.</summary>
static class BoxWindow
{
    const int Size = 64;

    public static async Task RunAsync(int count, Func<int, CancellationToken, Task> act, CancellationToken cancellation)
    {
        using CancellationTokenSource stop = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        List<Task> inFlight = [];
        try
        {
            for (int i = 0; i < count; i++)
            {
                inFlight.Add(act(i, stop.Token));
                if (inFlight.Count == Size)
                {
                    await TakeAsync(inFlight);
                }
            }
            while (inFlight.Count > 0)
            {
                await TakeAsync(inFlight);
            }
        }
        catch
        {
            stop.Cancel();
            throw;
        }
    }

    static async Task TakeAsync(List<Task> inFlight)
    {
        Task done = await Task.WhenAny(inFlight);
        inFlight.Remove(done);
        await done;
    }
}
