using Funion.Inference;
using Funion.Mixing;
using Microsoft.Azure.Functions.Worker;
using Microsoft.DurableTask;

namespace Funion.Inference.App;

/// <summary>
/// The endless orchestration of one (model, bucket): one boundary, then again from the start with an empty history. Its loop is the one that a process
/// runs; here are only its timer and its calls.
/// </summary>
public static class BucketOrchestration
{
    /// <summary>Its name.</summary>
    public const string Name = "Bucket";

    /// <summary>One boundary.</summary>
    [Function(Name)]
    public static async Task RunAsync([OrchestrationTrigger] TaskOrchestrationContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        BucketInput input = context.GetInput<BucketInput>()!;
        DurableClock clock = new(context, input);
        BucketLoopState state = await BucketLoop.TurnAsync(clock, input.State);
        if (clock.Withdrawn)
        {
            // The model or the bucket is gone from the document, and with it this orchestration.
            return;
        }
        await clock.SeeOffAsync(state);
        context.ContinueAsNew(input with { State = state });
    }

    /// <summary>The orchestration's clock. Whatever fails is tried again for as long as it is of use, and costs one boundary otherwise.</summary>
    sealed class DurableClock(TaskOrchestrationContext context, BucketInput input) : BucketClock
    {
        static readonly TaskOptions s_again = TaskOptions.FromRetryPolicy(
            new RetryPolicy(maxNumberOfAttempts: 5, firstRetryInterval: TimeSpan.FromSeconds(1), backoffCoefficient: 2));

        Task _run = Task.CompletedTask;

        /// <summary>Whether nobody offers this any more.</summary>
        public bool Withdrawn { get; private set; }

        public override BucketGrid Grid { get; } = new(TimeSpan.FromMilliseconds(input.BucketMilliseconds));

        public override TimeSpan Lead => TimeSpan.FromMilliseconds(input.LeadMilliseconds);

        public override DateTimeOffset Now => new(context.CurrentUtcDateTime, TimeSpan.Zero);

        public override Task WaitUntilAsync(DateTimeOffset time) =>
            time <= Now ? Task.CompletedTask : context.CreateTimer(time.UtcDateTime, CancellationToken.None);

        public override async Task<BucketTurn> AdmitAsync(DateTimeOffset boundary)
        {
            BucketTurn none = new(boundary, [], [], []);
            try
            {
                BucketTurn? turn = await context.CallActivityAsync<BucketTurn?>(BucketActivities.Admit, CallOf(none), s_again);
                Withdrawn = turn is null;
                return turn ?? none;
            }
            catch (TaskFailedException)
            {
                return none;
            }
        }

        public override async Task ReleaseAsync(BucketTurn turn)
        {
            if (turn.Release.Count + turn.Fail.Count == 0)
            {
                return;
            }
            try
            {
                await context.CallActivityAsync(BucketActivities.Release, CallOf(turn), s_again);
            }
            catch (TaskFailedException)
            {
                // Sealed they stay, and are released at the next boundary.
            }
        }

        public override void Start(BucketTurn turn)
        {
            if (turn.Start.Count > 0)
            {
                _run = context.CallActivityAsync(BucketActivities.Run, CallOf(turn), s_again);
            }
        }

        /// <summary>Waits for the run, and no longer than until the next timer is due: outputs are kept by compute, not by this history.</summary>
        public async Task SeeOffAsync(BucketLoopState state)
        {
            DateTimeOffset due = Grid.NextBoundary(state.Last) - Lead;
            if (_run.IsCompleted || due <= Now)
            {
                return;
            }
            using CancellationTokenSource done = new();
            Task timer = context.CreateTimer(due.UtcDateTime, done.Token);
            await Task.WhenAny(_run, timer);
            await done.CancelAsync();
        }

        BucketCall CallOf(BucketTurn turn) => new(input.Model, input.BucketMilliseconds, turn);
    }
}
