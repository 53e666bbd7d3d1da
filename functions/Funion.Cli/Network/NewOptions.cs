using System.CommandLine;
using Funion.Cli.Commands;
using Funion.Cli.Enclaves;
using Funion.Cli.LocalNetwork;
using Funion.Models;
using Funion.Network;
using Funion.Tokens;

namespace Funion.Cli.Network;

/// <summary>The options of <c>funion network new</c> that become parameters of the network.</summary>
sealed class NewOptions
{
    readonly Option<string> _name = new("--name") { Description = "Name of the network.", DefaultValueFactory = _ => "local" };
    readonly Option<string[]> _gateways = new("--gateway") { Description = "A gateway's base URL; repeat for two." };
    readonly Option<int> _mixes = new("--mixes") { Description = "Mixes in each layer.", DefaultValueFactory = _ => 2 };
    readonly Option<int> _couriers = new("--couriers") { Description = "Couriers.", DefaultValueFactory = _ => 2 };
    readonly Option<int> _replicas = new("--replicas") { Description = "Replicas.", DefaultValueFactory = _ => NetworkRules.DefaultReplicas };
    readonly Option<int> _payload = new("--payload") { Description = "User payload in bytes.", DefaultValueFactory = _ => 30_000 };
    readonly Option<string> _delay = new("--mean-delay") { Description = "Mean delay at each hop.", DefaultValueFactory = _ => "200ms" };
    readonly Option<string> _rate = new("--rate") { Description = "A client's packets.", DefaultValueFactory = _ => "1/s" };

    readonly Option<string[]> _models = new("--model") { Description = ModelArgument.Description + " The sample model is always there." };
    readonly Option<bool> _twoParty = new("--two-party-jobs") { Description = "Two-party questions through the mixnet, too, which compute pays with cover." };
    readonly Option<string[]> _buckets = new("--bucket") { Description = "Latency bucket of every model, as often as you like: 30s. None: no compute." };
    readonly Option<string?> _links = new("--link-rate") { Description = "Messages on each link of a courier or a replica; 0.3/s with buckets or descriptors, or more where compute needs it." };
    readonly Option<string?> _loops = new("--loop-rate") { Description = "Loops of a client, of each mix and of each gateway." };
    readonly Option<string?> _compute = new("--compute-rate") { Description = "Packets of compute, more where a bucket needs more; 2/s when not given." };

    readonly Option<int> _tokens = new("--tokens") { Description = "Every question is paid with a token, of which a client gets so many an epoch. None: no tokens." };
    readonly Option<string?> _issuer = new("--issuer") { Description = "Base URL of the issuer of tokens; its keys, issuer.keys, lie in the folder of --keys or --descriptors." };

    /// <summary>Of compute: the document says what its enclave is.</summary>
    public EnclaveChoice Enclave { get; } = new(needsFolder: true);

    /// <summary>λR per 1,000 seconds where every message costs: what each box waits for a slot is then seconds, not minutes.</summary>
    const int SlowLinks = 300;

    public void AddTo(Command command)
    {
        Option[] options = [_name, _gateways, _mixes, _couriers, _replicas, _payload, _delay, _rate, _models, _twoParty, _buckets, _links, _loops, _compute, _tokens, _issuer];
        Array.ForEach(options, command.Options.Add);
        Enclave.AddTo(command);
        foreach (Option<string?> quantity in new[] { _links, _loops, _compute })
        {
            RequireQuantity(quantity, text => Quantity.TryParseRate(text, out _), "is not a rate such as 1/s");
        }
        _tokens.Validators.Add(result =>
        {
            if (result.Tokens is [{ Value: string text }] && !(int.TryParse(text, out int number) && number is >= 0 and <= TokenBatch.Most))
            {
                result.AddError($"--tokens is a number up to {TokenBatch.Most}.");
            }
        });
        RequireQuantities(_buckets, text => Quantity.TryParseDuration(text, out _), "is not a duration such as 30s");
        RequireQuantities(_models, text => ModelArgument.TryParse([text], out _) is not null, "is not NAME=FILE.onnx");
        RequireQuantity(_delay, text => Quantity.TryParseDuration(text, out _), "is not a duration such as 200ms or 5s");
        RequireQuantity(_rate, text => Quantity.TryParseRate(text, out _), "is not a rate such as 1/s");
        foreach (Option<int> count in new[] { _mixes, _couriers, _replicas, _payload })
        {
            // The converted value throws in a validator when the text is no number; the text itself does not.
            count.Validators.Add(result =>
            {
                if (result.Tokens is [{ Value: string text }] && !(int.TryParse(text, out int number) && number is >= 1 and <= 100_000))
                {
                    result.AddError($"{count.Name} is a number between 1 and 100000.");
                }
            });
        }
    }

    /// <summary>What was asked for; what was not is taken from the document before, where there is one.</summary>
    /// <param name="parsed">The command line.</param>
    /// <param name="previous">The document before, or null.</param>
    /// <param name="nodes">The nodes that were collected: links are sized for these. Null: the options make them.</param>
    /// <param name="enclave">The enclave's program, if compute has one.</param>
    public LocalNetworkOptions Read(ParseResult parsed, NetworkDocument? previous, IReadOnlyList<NodeDescriptor>? nodes, string? enclave = null)
    {
        bool Given(Option option) => previous is null || parsed.GetResult(option) is { Implicit: false };
        int Nodes(Option<int> option, NodeRole role) => Given(option)
            ? parsed.GetValue(option)
            : previous!.Nodes.Count(node => node.Role == role && node.Layer <= 1);
        _ = Quantity.TryParseDuration(parsed.GetRequiredValue(_delay), out TimeSpan delay);
        _ = Quantity.TryParseRate(parsed.GetRequiredValue(_rate), out int rate);
        string[] gateways = parsed.GetValue(_gateways) is { Length: > 0 } given ? given : [.. previous?.Gateways.Select(node => node.Address) ?? []];
        Rates rates = previous?.Rates ?? new Rates();
        rates = Given(_delay) ? rates with { MeanDelayMilliseconds = (int)Math.Min(delay.TotalMilliseconds, int.MaxValue) } : rates;
        rates = Given(_rate) ? rates with { ClientPerKilosecond = rate } : rates;
        int payload = Given(_payload) ? parsed.GetValue(_payload) : previous!.Geometry.UserPayload;
        IReadOnlyList<ModelEntry> models = previous?.Models ?? [];
        if (parsed.GetValue(_buckets) is { Length: > 0 } buckets)
        {
            using ServedModels served = new(ModelArgument.TryParse(parsed.GetValue(_models) ?? [], out _) ?? [], note: null, enclave, Enclave.Folder(parsed));
            (models, int needed) = served.Publish(RateOf(parsed.GetValue(_compute)) ?? ComputeBudget.EmulatorRate, [.. buckets.Select(Duration)], payload, parsed.GetValue(_twoParty));
            rates = rates with { ComputePerKilosecond = needed };
        }
        else if (enclave is not null)
        {
            throw new ModelException("An enclave's models have latency buckets: --bucket 60s.");
        }
        else if (RateOf(parsed.GetValue(_compute)) is { } compute)
        {
            rates = rates with { ComputePerKilosecond = compute };
        }
        rates = RateOf(parsed.GetValue(_loops)) is { } loops
            ? rates with { ClientLoopPerKilosecond = loops, MixLoopPerKilosecond = loops, GatewayLoopPerKilosecond = loops }
            : rates;
        int couriers = Nodes(_couriers, NodeRole.Courier), replicas = Nodes(_replicas, NodeRole.Replica), computes = 1, paced = couriers * replicas;
        if (nodes is not null)
        {
            computes = nodes.Count(node => node.Role == NodeRole.Compute);
            paced = nodes.Count(node => node.Role == NodeRole.Courier) * nodes.Count(node => node.Role == NodeRole.Replica);
        }
        if (RateOf(parsed.GetValue(_links)) is { } links)
        {
            rates = rates with { LinkPerKilosecond = links };
        }
        else if (previous is null && (models.Count > 0 || nodes is not null))
        {
            rates = rates with { LinkPerKilosecond = Math.Max(SlowLinks, NetworkRules.LeastLinkRate((long)computes * rates.ComputePerKilosecond, paced)) };
        }
        LocalNetworkOptions defaults = new();
        return new LocalNetworkOptions
        {
            Name = Given(_name) ? parsed.GetRequiredValue(_name) : previous!.Name,
            Gateways = Math.Max(1, gateways.Length),
            GatewayAddresses = gateways,
            MixesPerLayer = Nodes(_mixes, NodeRole.Mix),
            Couriers = couriers,
            Replicas = replicas,
            UserPayload = payload,
            Rates = rates,
            Mailbox = rates == previous?.Rates ? previous.Mailbox : null,
            Slack = previous?.Slack ?? defaults.Slack,
            EpochLength = previous?.EpochLength ?? defaults.EpochLength,
            Models = models,
            TokensPerEpoch = parsed.GetValue(_tokens) is > 0 and var tokens ? tokens : previous?.Issuer?.Batch ?? 0,
            IssuerAddress = parsed.GetValue(_issuer) ?? previous?.Issuer?.Address ?? "",
        };
    }

    static TimeSpan Duration(string text) => Quantity.TryParseDuration(text, out TimeSpan duration) ? duration : default;

    static int? RateOf(string? text) => Quantity.TryParseRate(text ?? "", out int rate) ? rate : null;

    static void RequireQuantities(Option<string[]> option, Func<string, bool> isQuantity, string otherwise) => option.Validators.Add(result =>
    {
        foreach (string text in (result.GetValueOrDefault<string[]>() ?? []).Where(text => !isQuantity(text)))
        {
            result.AddError($"{option.Name}: {text} {otherwise}.");
        }
    });

    static void RequireQuantity<T>(Option<T> option, Func<string, bool> isQuantity, string otherwise) => option.Validators.Add(result =>
    {
        if (result.GetValueOrDefault<T>() as string is { } text && !isQuantity(text))
        {
            result.AddError($"{option.Name}: {text} {otherwise}.");
        }
    });
}
