using Funion.Contracts;
using Funion.Roles;

namespace Funion.Tests.Faults;

/// <summary>The stores of the fault tests keep what every store promises.</summary>
public sealed class RewindableStoreTests : BoxStoreContract
{
    protected override BoxStore Create() => new RewindableStore();
}

/// <summary>The queues of the fault tests keep what every queue promises.</summary>
public sealed class RewindableQueueTests : PacketQueueContract
{
    readonly VirtualTime _time = new();

    protected override TimeProvider Time => _time;

    protected override PacketQueue Create() => new RewindableQueue(_time);

    protected override ValueTask PassAsync()
    {
        _time.Advance(TimeSpan.FromMilliseconds(100));
        return ValueTask.CompletedTask;
    }
}
