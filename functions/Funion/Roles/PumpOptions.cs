namespace Funion.Roles;

/// <summary>How a <see cref="NodePump"/> takes messages.</summary>
public sealed record PumpOptions
{
    /// <summary>How long a received message stays this pump's own.</summary>
    public TimeSpan Lease { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>How often to look without being woken: what other processes sent, and what a lost lease brought back. Zero: only when woken.</summary>
    public TimeSpan Poll { get; init; }

    /// <summary>Messages taken at a time, 1 to 32.</summary>
    public int Batch { get; init; } = 32;

    /// <summary>Attempts after which a message is deleted: a poison queue would keep what must not be kept.</summary>
    public int Attempts { get; init; } = 8;

    /// <summary>When the earliest invisible message of a queue becomes visible, where the broker can tell.</summary>
    public Func<string, DateTimeOffset?>? NextVisible { get; init; }

    /// <summary>Told how late held messages are released; null: nobody is.</summary>
    public LoadGauge? Gauge { get; init; }
}
