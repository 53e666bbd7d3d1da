using Funion.Mixing;
using Funion.Network;

namespace Funion.Cli.Planning;

/// <summary>
/// How long a question takes, by drawing its exchanges: slots, nine exponential delays a round trip, how late queues are looked at, polls, links, boundaries.
/// The draws have a fixed seed, so that a plan is the same twice.
/// </summary>
static class LatencyPlan
{
    const int Draws = 20_000, HopsThereAndBack = 9;

    /// <summary>Median and 99th percentile, in seconds.</summary>
    public static (double Median, double P99) Of(PlanRequest request, double computePerSecond)
    {
        MailboxParameters mailbox = MailboxParameters.For(request.Rates);
        Random random = new(1);
        double[] seconds = new double[Draws];
        for (int i = 0; i < Draws; i++)
        {
            seconds[i] = Question(request, mailbox, computePerSecond, random);
        }
        Array.Sort(seconds);
        return (seconds[Draws / 2], seconds[Draws * 99 / 100]);
    }

    static double Question(PlanRequest request, MailboxParameters mailbox, double computePerSecond, Random random)
    {
        double Exponential(double mean) => -mean * Math.Log(1 - random.NextDouble());
        double Exchange(double slots, double polls)
        {
            double delays = Exponential(1 / slots) + Exponential(1 / polls);
            for (int hop = 0; hop < HopsThereAndBack; hop++)
            {
                delays += Exponential(request.Rates.MeanDelay.TotalSeconds) + (random.NextDouble() * request.Polling.TotalSeconds);
            }
            return delays;
        }
        // A box is asked for twice, and several boxes leave one a slot.
        double Boxes(int count, double slots, double polls) => Exchange(slots, polls) + Exchange(slots, polls) + ((count - 1) / slots);
        double client = request.Rates.ClientPerSecond, polls = mailbox.PollsPerSecond, computePolls = 1.5 * computePerSecond / mailbox.PacketsPerPoll;
        double complete = Boxes(request.InputBoxes, client, polls) + Exchange(client, polls) + Boxes(request.InputBoxes, computePerSecond, computePolls);
        double bucket = request.Bucket.TotalSeconds;
        // Anywhere in its bucket when it begins; complete before a boundary, started at it, released at the next.
        double begun = random.NextDouble() * bucket;
        double released = (Math.Ceiling((begun + complete) / bucket) * bucket) + bucket - begun;
        double drained = released + (random.NextDouble() * 0.8 * bucket) + Boxes(request.OutputBoxes, computePerSecond, computePolls);
        return drained + Boxes(request.OutputBoxes, client, polls);
    }
}
