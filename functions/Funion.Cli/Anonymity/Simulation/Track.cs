namespace Funion.Cli.Anonymity.Simulation;

/// <summary>The times at which something was seen in one place, ascending, in seconds.</summary>
sealed class Track
{
    readonly List<double> _times = [];

    public long Total { get; private set; }

    public void Add(double time)
    {
        _times.Add(time);
        Total++;
    }

    /// <summary>The sightings from one time to before another.</summary>
    public ReadOnlySpan<double> Between(double from, double to)
    {
        int first = IndexOf(from), last = IndexOf(to);
        return System.Runtime.InteropServices.CollectionsMarshal.AsSpan(_times)[first..last];
    }

    public int Count(double from, double to) => IndexOf(to) - IndexOf(from);

    /// <summary>Forgets what nobody will ask for.</summary>
    public void Forget(double before)
    {
        int count = IndexOf(before);
        if (count > 1024 || count == _times.Count)
        {
            _times.RemoveRange(0, count);
        }
    }

    int IndexOf(double time)
    {
        int at = _times.BinarySearch(time);
        if (at < 0)
        {
            return ~at;
        }
        while (at > 0 && _times[at - 1] == time)
        {
            at--;
        }
        return at;
    }
}
