using Funion.Hosting;
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

    static readonly TimeSpan s_least = TimeSpan.FromMinutes(5);

    /// <summary>Median and 99th percentile, in seconds.</summary>
    public static (double Median, double P99) Of(PlanRequest request, double computePerSecond, int draws = Draws)
    {
        MailboxParameters mailbox = MailboxParameters.For(request.Rates);
        Random random = new(1);
        double[] seconds = new double[draws];
        for (int i = 0; i < draws; i++)
        {
            seconds[i] = Question(request, mailbox, computePerSecond, random);
        }
        Array.Sort(seconds);
        return (seconds[draws / 2], seconds[draws * 99 / 100]);
    }

    /// <summary>The same for a question to a model of a network, by its document.</summary>
    public static (double Median, double P99) Of(NetworkDocument document, ModelEntry model, TimeSpan bucket, TimeSpan polling, int draws = Draws) => Of(
        new PlanRequest(1, document.Rates, bucket, document.Geometry.UserPayload, 0)
        {
            InputBoxes = model.InputBoxes, OutputBoxes = model.OutputBoxes, Polling = polling, LinksPerSecond = document.Rates.LinkPerSecond,
        },
        document.Rates.ComputePerSecond, draws);

    /// <summary>
    /// How long to wait for an answer before something is wrong: twice what ninety-nine of a hundred take, and five minutes at least. Where delays are of a
    /// second and more the nodes may be apps that look at their queues every ten.
    /// </summary>
    public static TimeSpan Patience(NetworkDocument document, ModelEntry model, TimeSpan bucket)
    {
        TimeSpan polling = document.Rates.MeanDelay >= TimeSpan.FromSeconds(1) ? LatencyProfile.Economical.Pace().Poll : TimeSpan.Zero;
        TimeSpan twice = TimeSpan.FromSeconds(2 * Math.Min(Of(document, model, bucket, polling, 2_000).P99, 86_400));
        return twice > s_least ? twice : s_least;
    }

    /// <summary>For whichever of its models and buckets takes longest.</summary>
    public static TimeSpan Patience(NetworkDocument document) => document.Models
        .SelectMany(model => model.BucketsMilliseconds.Select(bucket => Patience(document, model, TimeSpan.FromMilliseconds(bucket)))).Append(s_least).Max();

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
            return request.LinksPerSecond > 0 ? delays + Exponential(1 / request.LinksPerSecond) + Exponential(1 / request.LinksPerSecond) : delays;
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
