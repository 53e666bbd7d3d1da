using Funion.Contracts;
using Funion.Roles;

namespace Funion.Tests.Roles;

/// <summary>An actor is stepped when it says, whatever it says, and when it is woken.</summary>
public sealed class ActorRunnerTests
{
    static readonly TimeSpan s_deadline = TimeSpan.FromSeconds(20);

    [Theory]
    [InlineData(0)]
    [InlineData(-1)]
    [InlineData(-9_999)]
    [InlineData(-10_000)]
    [InlineData(-10_001)]
    [InlineData(-36_000_000_000)]
    public async Task What_is_overdue_is_done_at_once(long ticks)
    {
        VirtualTime time = new();
        Steps steps = new(10, () => time.GetUtcNow() + TimeSpan.FromTicks(ticks));
        await RunAsync(steps, time);
        Assert.Equal(10, steps.Count);
    }

    [Fact]
    public async Task What_waits_to_be_woken_is_woken_even_when_the_bell_rings_early()
    {
        VirtualTime time = new();
        Steps steps = new(10, () => DateTimeOffset.MaxValue);
        steps.Stepped += steps.Wake;
        await RunAsync(steps, time);
        Assert.Equal(10, steps.Count);
    }

    [Fact]
    public async Task A_fault_ends_the_run_and_shows()
    {
        Steps steps = new(10, () => throw new InvalidOperationException("a bug"));
        await Assert.ThrowsAsync<InvalidOperationException>(() => RunAsync(steps, new VirtualTime()));
    }

    static async Task RunAsync(Steps steps, TimeProvider time)
    {
        using CancellationTokenSource stop = new();
        steps.Done += stop.Cancel;
        await new ActorRunner(time).RunAsync(steps, stop.Token).WaitAsync(s_deadline);
    }

    sealed class Steps(int most, Func<DateTimeOffset> next) : Actor
    {
        public event Action? Stepped, Done;

        public int Count { get; private set; }

        public override ValueTask<DateTimeOffset> StepAsync(CancellationToken cancellation)
        {
            if (++Count == most)
            {
                Done?.Invoke();
            }
            Stepped?.Invoke();
            return ValueTask.FromResult(next());
        }
    }
}
