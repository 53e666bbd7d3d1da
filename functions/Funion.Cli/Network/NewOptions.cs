using System.CommandLine;
using Funion.Cli.Console;
using Funion.Network;

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

    public void AddTo(Command command)
    {
        Option[] options = [_name, _gateways, _mixes, _couriers, _replicas, _payload, _delay, _rate];
        Array.ForEach(options, command.Options.Add);
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
    public LocalNetworkOptions Read(ParseResult parsed, NetworkDocument? previous)
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
        LocalNetworkOptions defaults = new();
        return new LocalNetworkOptions
        {
            Name = Given(_name) ? parsed.GetRequiredValue(_name) : previous!.Name,
            Gateways = Math.Max(1, gateways.Length),
            GatewayAddresses = gateways,
            MixesPerLayer = Nodes(_mixes, NodeRole.Mix),
            Couriers = Nodes(_couriers, NodeRole.Courier),
            Replicas = Nodes(_replicas, NodeRole.Replica),
            UserPayload = Given(_payload) ? parsed.GetValue(_payload) : previous!.Geometry.UserPayload,
            Rates = rates,
            Mailbox = rates == previous?.Rates ? previous.Mailbox : null,
            Slack = previous?.Slack ?? defaults.Slack,
            EpochLength = previous?.EpochLength ?? defaults.EpochLength,
            Models = previous?.Models ?? [],
        };
    }

    static void RequireQuantity(Option<string> option, Func<string, bool> isQuantity, string otherwise) => option.Validators.Add(result =>
    {
        if (result.GetValueOrDefault<string>() is { } text && !isQuantity(text))
        {
            result.AddError($"{option.Name}: {text} {otherwise}.");
        }
    });
}
