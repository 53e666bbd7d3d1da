using Funion.Cli.Anonymity.Distinguishers;
using Funion.Cli.Anonymity.Simulation;
using Funion.Network;

namespace Funion.Cli.Anonymity.Games;

/// <summary>
/// Two clients are always on and one asks, as in <see cref="WhoAsked"/>; but what the question does at services is known: the adversary knows its capabilities
/// (he is compute) and holds each thing it does against what each client sent (Echomix, section 6).
/// </summary>
/// <param name="name">Who works together.</param>
/// <param name="gateway">Whether clients' own links are seen: by the gateway, or on the wire before it.</param>
/// <param name="replicas">Whether replicas tell when the question's boxes are used.</param>
/// <param name="compute">Whether compute tells when the question came; without it replicas know the boxes from elsewhere, as of a stream that is public.</param>
/// <param name="mixes">Whether mixes trace what services got back to when it left the gateway.</param>
/// <param name="network">Another network than the standard one.</param>
sealed class Colluding(string name, bool gateway, bool replicas, bool mixes, bool compute = true, Func<NetworkDocument>? network = null) : Game
{
    public override string Name => name;

    public override string Question => "which of two clients asked";

    public override string View => name;

    public override Protections? Control => null;

    public override string ControlName => "";

    public override NetworkDocument Plan() => network?.Invoke() ?? World.Plan();

    public override Lane Enter(Arena arena) => new Players(arena, gateway, replicas, mixes, compute);

    sealed class Players : Lane
    {
        const double Window = 60;

        readonly Arena _arena;
        readonly bool _gateway, _replicas, _mixes, _compute;
        readonly SimClient[] _clients;
        readonly Kernel _atGateway;

        public Players(Arena arena, bool gateway, bool replicas, bool mixes, bool compute)
        {
            (_arena, _gateway, _replicas, _mixes, _compute) = (arena, gateway, replicas, mixes, compute);
            _clients = [arena.World.AddClient(), arena.World.AddClient()];
            _atGateway = Kernel.Hops(1, arena.World.Document.Rates.MeanDelay, arena.Public);
        }

        public override async Task<double[]?> PlayAsync(bool secret)
        {
            EventQueue events = _arena.World.Events;
            await events.DelayAsync(TimeSpan.FromSeconds(10 * _arena.Public.NextDouble()));
            double from = Since = events.Seconds;
            SimJob job = _arena.Compute.Draft(_arena.Compute.Offerings[0]);
            await new SimAsker(_arena.World, _clients[secret ? 1 : 0]).AskAsync(job);
            await job.Forgotten;
            Since = from - 10;
            List<double> features = [];
            double all = 0;
            void Weigh(Kernel kernel, params double[] times)
            {
                (double linear, double logarithmic) = Difference(kernel, times, from);
                features.Add(linear);
                features.Add(logarithmic);
                all += logarithmic;
            }
            SimBox input = job.Inputs[0], output = job.Outputs[0];
            if (_mixes)
            {
                Weigh(_atGateway, [job.Entered, .. input.Entered, .. output.Entered]);
            }
            else
            {
                if (_compute)
                {
                    Weigh(_arena.AtService, job.Arrived);
                }
                if (_replicas)
                {
                    Weigh(_arena.AtReplica, input.Stored);
                    Weigh(_arena.AtReplica, output.Asked);
                    Weigh(_arena.AtReplica, input.Deleted);
                    Weigh(_arena.AtReplica, output.Deleted);
                }
            }
            return [all, .. features];
        }

        (double Linear, double Logarithmic) Difference(Kernel kernel, double[] times, double from)
        {
            double[] seen = [.. times.Where(time => !double.IsNaN(time)).Order()];
            (double Linear, double Logarithmic)[] fits =
            [
                .. _clients.Select(client =>
                {
                    // Whoever does not see clients' links sees what leaves the gateway, which is nobody's.
                    ReadOnlySpan<double> sent = _gateway
                        ? _arena.World.Recorder.Link(client.Index, _arena.World.Gateway).Between(from - 10, from + (4 * Window))
                        : _arena.World.Recorder.Link(_arena.World.Gateway, _arena.FirstMixes[0]).Between(from - 10, from + (4 * Window));
                    return kernel.Fit(sent, seen, 0.2, 0);
                }),
            ];
            return (fits[0].Linear - fits[1].Linear, fits[0].Logarithmic - fits[1].Logarithmic);
        }
    }
}
